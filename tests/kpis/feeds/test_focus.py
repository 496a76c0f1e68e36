"""Figures worked out by hand from the files of the FOCUS specification and its sample."""

from datetime import date
from decimal import Decimal as D
from pathlib import Path

import pytest
from django.db import connection

from caio_portal.common.errors import Invalid
from kpis import catalogue
from kpis.feeds.focus import token_kind, version
from kpis.models import BatchState, DeliveryStyle, Feed, FeedBatch, FeedKind
from kpis.services import feeds
from tests.factories import make_unit
from tests.kpis.factories import make_feed, make_file, make_use_case

pytestmark = pytest.mark.django_db
HEADER = "BillingAccountId,BillingCurrency,BillingPeriodStart,ChargePeriodStart,EffectiveCost,BilledCost,Tags"


def focus_feed(style: DeliveryStyle = DeliveryStyle.REPLACEMENT, **fields: object) -> Feed:
    return make_feed(kind=FeedKind.FOCUS, style=style, **fields)


def load(feed: Feed, content: str | bytes, name: str = "cost.csv", **options: object) -> feeds.Loaded:
    return feeds.load_file(feed.pk, make_file(content, name), by=None, **options)


def sums(measure: str, column: str = "amount") -> dict[str, D]:
    """The total of a measure for each month."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT to_char(observed_at AT TIME ZONE 'UTC', 'YYYY-MM'), sum({column})::numeric FROM observation"
            " WHERE measure = %s GROUP BY 1",
            [catalogue.current().measures[measure].id],
        )
        return dict(cursor.fetchall())


def sample(shared_data: Path, name: str) -> bytes:
    return (shared_data / "feeds" / "finops" / name).read_bytes()


def test_effective_cost_of_a_prepaid_purchase_is_what_was_used(shared_data):
    feed = focus_feed(DeliveryStyle.LEDGER)

    load(feed, sample(shared_data, "focus_1.2_saas/virtual_currency_pricing_model_a1.csv"))
    loaded = load(feed, sample(shared_data, "focus_1.2_saas/virtual_currency_pricing_model_a2.csv"))

    assert sums("effective_cost") == {"2025-04": D(490 + 20 + 720)}  # dates such as 4/1/25, after a byte order mark
    assert sums("billed_cost") == {"2025-04": D(200_000)}
    assert loaded.feed.watermark is None or loaded.batches[0].watermark == date(2025, 4, 1)


def test_corrections_keep_the_month_of_the_charge(shared_data):
    feed = focus_feed(DeliveryStyle.DELTA)

    load(feed, sample(shared_data, "focus_1.5draft/corrections/closed_s1_partial_reallocation_original.csv"))
    load(feed, sample(shared_data, "focus_1.5draft/corrections/closed_s1_partial_reallocation_delta.csv"))

    assert sums("effective_cost") == {"2025-05": D(1500 - 300 + 300)}
    assert sums("billed_cost") == {"2025-05": D(1500), "2025-06": D(-300 + 300)}


def test_a_ledger_adds_late_entries(shared_data):
    feed = focus_feed(DeliveryStyle.LEDGER)

    load(feed, sample(shared_data, "focus_1.5draft/corrections/open_s1_partial_reallocation_original.csv"))
    load(feed, sample(shared_data, "focus_1.5draft/corrections/open_s2_late_arriving_usage_ledger.csv"))

    assert sums("effective_cost") == {"2025-07": D(3000)}


def test_a_newer_export_replaces_its_scope_and_an_older_one_is_refused(shared_data):
    feed = focus_feed()
    original = sample(shared_data, "focus_1.5draft/corrections/open_s1_partial_reallocation_original.csv")
    late = sample(shared_data, "focus_1.5draft/corrections/open_s2_late_arriving_usage_ledger.csv")

    load(feed, original)
    load(feed, late)

    assert sums("effective_cost") == {"2025-07": D(1500)}
    assert [batch.state for batch in FeedBatch.objects.order_by("pk")] == [BatchState.SUPERSEDED, BatchState.LOADED]
    with pytest.raises(Invalid, match="exported before the one that is loaded"):
        load(feed, original)


def test_tokens_by_direction(shared_data):
    feed = focus_feed(DeliveryStyle.LEDGER)

    for name in ("cached_tokens_via_csp_marketplace", "multi_model_usage", "per_token_ai_model_api"):
        load(feed, sample(shared_data, f"focus_1.5draft/ai_model_billing/{name}.csv"))

    million = 1_000_000
    assert sums("tokens", "num") == {"2025-05": D(91 * million)}
    assert sums("cached_tokens", "num") == {"2025-05": D(50 * million)}
    assert sums("input_tokens", "num") == {"2025-05": D("36.4") * million}  # cache writes are input, too
    assert sums("output_tokens", "num") == {"2025-05": D("4.6") * million}
    assert sums("inference_cost") == {"2025-05": D("246.5")}


def test_writing_into_a_cache_is_input_and_reading_from_it_is_not(shared_data):
    load(focus_feed(), sample(shared_data, "focus_1.5draft/ai_prompt_caching/ai_prompt_caching_a.csv"))

    assert sums("input_tokens", "num") == {"2025-01": D(500_000 + 2_000_000)}
    assert sums("cached_tokens", "num") == {"2025-01": D(8_000_000)}
    assert sums("output_tokens", "num") == {"2025-01": D(1_500_000)}
    assert sums("inference_cost") == {"2025-01": D("1.5") + D("7.5") + D("2.4") + D("22.5")}


def test_tokens_are_told_by_the_meter_when_no_key_does(shared_data):
    load(focus_feed(), sample(shared_data, "focus_1.5draft/ai_model_identity/ai_model_identity_a.csv"))

    assert sums("input_tokens", "num") == {"2025-01": D(5_000_000)}
    assert sums("output_tokens", "num") == {"2025-01": D(1_500_000)}


def test_the_sample_of_700_rows(shared_data):
    content = sample(shared_data, "focus_1.0_sample_700rows.csv")
    feed = focus_feed()

    loaded = load(feed, content)

    assert (loaded.report.rows, loaded.report.rejected, len(loaded.batches)) == (700, 0, 4)
    # 9.97083810094 and 13.95113503267 in the file: fractions below a millionth are carried, not lost row by row.
    assert sums("effective_cost") == {"2024-09": D("9.970838")}
    assert sums("billed_cost") == {"2024-09": pytest.approx(D("13.951135"), abs=D("0.000002")), "2024-10": D("0.24")}
    assert loaded.report.unallocated == D("9.97083810094")
    assert load(feed, content).unchanged is True


def test_versions_are_told_by_their_columns():
    assert version(["BilledCost"]) == "1.0"
    assert version(["SkuMeter"]) == "1.1"
    assert version(["InvoiceId", "SkuMeter"]) == "1.2"
    assert version(["ServiceProviderName"]) == "1.3"
    assert version(["BillingPeriodStatus", "ServiceProviderName"]) == "1.4"


@pytest.mark.parametrize(
    ("details", "meter", "expected"),
    [
        ('{"TokenDirection": "Input", "TokenCacheAction": "Uncached"}', "", "input"),
        ('{"TokenDirection": "Input", "TokenCacheAction": "Read"}', "", "cached"),
        ('{"TokenDirection": "Output"}', "", "output"),
        ('{"TokenType": "CacheWrite"}', "", "input"),
        ('{"TokenType": "CacheRead"}', "", "cached"),
        ("{}", "Output Tokens", "output"),
        ("", "Provisioned throughput", ""),
    ],
)
def test_token_kind(details, meter, expected):
    assert token_kind(details, meter) == expected


def test_cost_goes_to_the_use_case_of_its_rule_or_tag_and_is_never_dropped():
    unit = make_unit("Claims")
    use_case, tagged = make_use_case(unit), make_use_case(unit)
    rules = [
        {"when": {"Tags.application": "triage"}, "use_case": use_case.ref},
        {"when": {"Nothing": "x"}, "unit": "Claims"},
    ]
    feed = focus_feed(mapping={"rules": rules})
    rows = [
        'a,USD,2026-09-01,2026-09-03,10,0,"{""application"": ""Triage""}"',
        f'a,USD,2026-09-01,2026-09-03,20,0,"{{""use_case"": ""{tagged.ref}""}}"',
        "a,USD,2026-09-01,2026-09-03,40,0,NULL",
    ]

    loaded = load(feed, "\n".join([HEADER, *rows]))

    with connection.cursor() as cursor:
        cursor.execute("SELECT use_case_id, unit_id, amount FROM observation WHERE measure = 1 ORDER BY amount")
        assert cursor.fetchall() == [
            (use_case.pk, unit.pk, D(10)),
            (tagged.pk, unit.pk, D(20)),
            (None, feed.unit_id, D(40)),
        ]
    assert loaded.report.unallocated == D(40)


def test_equal_rows_are_all_counted():
    row = "a,USD,2026-09-01,2026-09-03,10,10,"

    load(focus_feed(), "\n".join([HEADER, row, row]))

    assert sums("effective_cost") == {"2026-09": D(20)}


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("a,USD,2026-09-01,2026-09-03,ten,0,", "Line 2, EffectiveCost: “ten” is not a number."),
        ("a,USD,2026-09-01,,10,0,", "Line 2, ChargePeriodStart: The cell is empty."),
        ("a,USD,soon,2026-09-03,10,0,", "Line 2, BillingPeriodStart: “soon” is not a date."),
        ("a,EUR,2026-09-01,2026-09-03,10,0,", "Line 2, BillingCurrency: The amount is in EUR; this feed is in USD."),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_loaded(row, sentence):
    with pytest.raises(Invalid) as refused:
        load(focus_feed(), f"{HEADER}\n{row}\na,USD,2026-09-01,2026-09-03,10,0,")

    assert sentence in str(refused.value)
    assert FeedBatch.objects.count() == 0


def test_a_bad_row_can_be_left_out():
    loaded = load(
        focus_feed(), f"{HEADER}\na,USD,x,2026-09-03,9,0,\na,USD,2026-09-01,2026-09-03,10,0,", skip_invalid=True
    )

    assert (loaded.report.rejected, sums("effective_cost")) == (1, {"2026-09": D(10)})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("a,b\n1,2", "the column EffectiveCost, BilledCost, ChargePeriodStart, BillingPeriodStart is missing"),
        (HEADER, "The file has no rows"),
        ("", "empty"),
        (b"%PDF-1.7", "PDF"),
    ],
)
def test_a_file_that_is_no_cost_file_is_refused_in_a_sentence(content, sentence):
    with pytest.raises(Invalid, match=sentence):
        load(focus_feed(), content)
