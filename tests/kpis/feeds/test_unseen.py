"""A second file of each kind, such as nobody has sent before: loaded with figures worked out by hand, or refused."""

import gzip
import io
import json
from datetime import UTC, datetime

import pytest
import xlsxwriter

from caio_portal.common import clock
from caio_portal.common.errors import Invalid
from kpis.models import DeliveryStyle
from tests.factories import make_unit
from tests.kpis.factories import make_use_case
from tests.kpis.feeds.deliveries import D, feed_of, load, sample, sums, warned
from tests.vendors.factories import VendorFactory

pytestmark = pytest.mark.django_db
OLD = "ProviderName,PublisherName"
VERSIONS = {
    "1.0": f"ChargeDescription,{OLD},Tags",
    "1.1": f"SkuMeter,SkuPriceDetails,{OLD},Tags",
    "1.2": f"InvoiceId,BillingAccountType,SkuMeter,{OLD},Tags",
    "1.3": f"ServiceProviderName,HostProviderName,AllocatedTags,{OLD},Tags",
    "1.4": "BillingPeriodStatus,ServiceProviderName,HostProviderName,Tags,x_Anything",
}
CELLS = {
    "ProviderName": "Northwind Cloud", "ServiceProviderName": "Northwind Cloud", "SkuMeter": "Output Tokens",
    "Tags": '"{""team"": ""cx""}"', "x_Anything": "?", "SkuPriceDetails": '"{}"',
}  # fmt: skip
MONEY = "EffectiveCost,ChargePeriodStart,BillingPeriodStart,BilledCost,BillingCurrency,BillingAccountId"


def focus(header: str, *rows: str) -> str:
    return "\n".join([header, *rows])


@pytest.mark.parametrize("number", VERSIONS)
def test_every_version_of_focus_from_another_provider(number):
    VendorFactory(name="Northwind Cloud")
    use_case = make_use_case()
    names = VERSIONS[number].split(",")
    rest = ",".join(CELLS.get(name, "") for name in names)
    rules = [{"when": {"Tags.team": "cx"}, "use_case": use_case.ref}]

    loaded = load(
        feed_of("focus", mapping={"rules": rules}),
        focus(f"{','.join(names)},{MONEY}", f"{rest},10.5,2026-09-03T00:00:00Z,2026-09-01T00:00:00Z,9,USD,a"),
    )

    assert warned(loaded, f"Read as FOCUS {number}.") == 1
    assert sums("effective_cost", "use_case_id") == {use_case.pk: (None, None, 1, D("10.5"))}
    assert None not in sums("effective_cost", "vendor_id")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "windows-1252"])
def test_a_cost_file_in_another_encoding_with_semicolons(encoding):
    content = focus(MONEY.replace(",", ";"), "10;2026-09-03;2026-09-01;9;USD;Zürich").encode(encoding)

    loaded = load(feed_of("focus"), content, encoding="windows-1252" if encoding == "windows-1252" else "")

    assert sums("effective_cost") == {"2026-09": (None, None, 1, D(10))}
    assert loaded.batches[0].scope == "Zürich 2026-09"


def test_cost_of_an_hour_belongs_to_the_month_in_utc():
    rows = ["1,2026-10-01T01:30:00+02:00,2026-09-01,0,usd,a", "2,2026-09-30T23:30:00-02:00,2026-10-01,0,USD,a"]

    load(feed_of("focus", DeliveryStyle.LEDGER), focus(MONEY, *rows))

    assert {month: found[3] for month, found in sums("effective_cost").items()} == {"2026-09": D(1), "2026-10": D(2)}


def test_times_without_a_zone_are_in_that_of_the_feed():
    load(feed_of("focus", zone="America/New_York"), focus(MONEY, "1,2026-08-31 22:00:00,2026-09-01,0,USD,a"))

    assert list(sums("effective_cost")) == ["2026-09"]


def test_negative_free_and_equal_rows_are_all_counted():
    row = "5,2026-09-03,2026-09-01,0,USD,a"  # used of what was paid for before

    load(
        feed_of("focus"),
        focus(MONEY, row, row, "-2.5,2026-09-03,2026-09-01,-2.5,USD,a", "0,2026-09-03,2026-09-01,7,,a"),
    )

    assert sums("effective_cost")["2026-09"] == (None, None, 4, D("7.5"))
    assert sums("billed_cost")["2026-09"][3] == D("4.5")


def _workbook(rows: list[list[object]]) -> bytes:
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return packed.getvalue()


def test_a_cost_file_comes_as_workbook_json_json_lines_or_packed():
    names = MONEY.split(",")
    row = ["10", "2026-09-03", "2026-09-01", "9", "USD", "a"]
    entry = dict(zip(names, row, strict=True)) | {"EffectiveCost": 10, "Tags": {"team": "cx"}}
    contents = [
        _workbook([names, row]), json.dumps([entry]), json.dumps(entry) + "\n" + json.dumps(entry),
        gzip.compress(focus(MONEY, ",".join(row)).encode()),
    ]  # fmt: skip

    for content in contents:
        load(feed_of("focus"), content)

    assert sums("effective_cost")["2026-09"] == (None, None, 5, D(50))


@pytest.mark.parametrize(
    "kind",
    ["focus", "observations", "litellm", "provider", "prometheus", "promptfoo", "inspect", "garak", "traces",
     "tickets", "external", "roster", "training", "survey"],
)  # fmt: skip
@pytest.mark.parametrize("content", [b"", b"\n", b"[]", b"{}", b"\x00\x01\x02\x03", b"a,b\n", b"PK\x03\x04", b"PAR1"])
def test_what_is_no_such_file_is_refused_in_a_sentence(kind, content):
    feed = feed_of(kind, mapping={"roster": "Staff"} if kind == "training" else {})

    with pytest.raises(Invalid) as refused:
        load(feed, content)

    assert str(refused.value).endswith((".", ":", "csv", "line."))


def test_tables_of_days_that_a_gateway_keeps():
    rows = ["2026-09-01,k1,m1,0.5,100,10,3,2,team-cx", "2026-09-01,k1,m2,0.25,50,0,1,1,team-cx"]
    header = "date,api_key,model,spend,prompt_tokens,completion_tokens,api_requests,successful_requests,team_id"

    load(feed_of("litellm"), "\n".join([header, *rows]))

    assert sums("gateway_cost")["2026-09"] == (None, None, 4, D("0.75"))
    assert sums("gateway_tokens")["2026-09"][0] == 160
    assert sums("gateway_requests")["2026-09"][:2] == (3, 4)


def test_a_spend_log_as_a_table():
    use_case = make_use_case()
    tags = json.dumps([f"use_case:{use_case.ref}"]).replace('"', '""')
    rows = [f'r{number},1790812799.5,0.1,7,success,"{tags}",x' for number in (1, 1, 2)]

    loaded = load(
        feed_of("litellm"), "\n".join(["request_id,startTime,spend,total_tokens,status,request_tags,new", *rows])
    )

    assert sums("gateway_cost", "use_case_id") == {use_case.pk: (None, None, 2, D("0.2"))}
    assert warned(loaded, "logged twice") == 1


def test_a_survey_with_two_headers_and_words_in_its_scale():
    header = "Respondent ID,End Date,How likely is it?,team\n,,Response,Open-Ended Response\n"
    rows = "1,09/01/2026 08:15:00 AM,10 - Extremely likely,Risk\n2,09/02/2026 08:15:00 PM,0 - Not at all likely,Risk\n"

    load(feed_of("survey", mapping={"columns": {"score": "How likely is it?"}}), header + rows)

    assert sums("enps_responses") == {"2026-09": (0, 2, 2, None)}


def test_training_as_another_system_exports_it():
    with clock.at(datetime(2026, 11, 21, 12, tzinfo=UTC)):
        load(
            feed_of("roster", name="Staff"),
            "Organization;Worker Status;Employee ID\nHR;ACTIVE;7\nHR;Active;8\nHR;Active;9\n",
        )
        load(
            feed_of("training", mapping={"roster": "Staff"}, date_format="dmy"),
            "Completion Date;Expiration Date;Employee ID;Completion Status;Learning Content;Score\n"
            "20/11/2024;20/11/2026;7;Completed;AI basics;90\n21/11/2025;21/11/2026;8;Completed;AI basics;\n"
            ";;9;Waiver approved;AI basics;\n;;8;Not started;AI basics;\n",
        )

    assert sums("training")["2026-11"][:2] == (1, 2)  # one has expired the day before, one ends today, one is exempt


def test_tickets_with_several_rows_of_one_in_any_order():
    header = "Closed by,number,sys_mod_count,opened_at,resolved_at"
    rows = [
        "x,INC1,3,2026-09-01 00:00:00,2026-09-01 06:00:00",
        ",INC1,1,2026-09-01 00:00:00,",
        ",INC2,1,2026-09-02 00:00:00,?",
    ]

    loaded = load(feed_of("tickets"), "\n".join([header, *rows]))

    assert sums("resolution_hours") == {"2026-09": (6, None, 1, None)}
    assert warned(loaded, "Tickets without resolved_at") == 1


def test_a_request_trace_is_a_table_whose_columns_the_feed_names(shared_data):
    make_unit()
    content = sample(shared_data, "finops/azure_llm_inference_trace_2023_code.csv")

    for measure, column in (("input_tokens", "ContextTokens"), ("output_tokens", "GeneratedTokens")):
        mapping = {"measure": measure, "columns": {"date": "TIMESTAMP", "num": column}}
        loaded = load(feed_of("observations", mapping=mapping), content)

    assert loaded.report.rows == 8_819
    assert sums("input_tokens")["2023-11"][:3] == (18_059_974, None, 8_819)
    assert sums("output_tokens")["2023-11"][0] == 245_896


@pytest.mark.parametrize(
    ("kind", "name", "sentence"),
    [
        ("focus", "finops/finops_toolkit_PricingUnits.csv", "not a FOCUS cost file"),
        ("traces", "lifecycle/mlflow/mlflow_rest_3.17.2.json", "not a search of MLflow"),
        (
            "promptfoo",
            "lifecycle/cyclonedx/valid-machine-learning-considerations-env-1.7.json",
            "not a result of promptfoo",
        ),
        ("observations", "lifecycle/hf_cards/sample_simple.md", "no table"),
        ("observations", "lifecycle/hf_cards/sample_simple_model_index.md", "no table"),
    ],
)
def test_reference_tables_and_model_documents_are_no_feeds(shared_data, kind, name, sentence):
    with pytest.raises(Invalid, match=sentence):
        load(feed_of(kind), sample(shared_data, name))
