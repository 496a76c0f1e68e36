import pytest
from pydantic import ValidationError

from kpis import catalogue
from kpis.checks import check_catalogue

SMALL = """
format = 1
[measures]
requests = {{ id = 1, name = "Requests", uom = "share", of = "num: good; den: all" }}
[[kpis]]
number = 9
key = "availability"
name = "Availability"
question = "Is it there?"
perspective = "delivery"
formula = "ratio"
numerator = "Good requests"
denominator = "All requests"
source = "observations"
family = "service"
terms = [{{ measure = "{measure}", num = "num", den = "den" }}]
uom = "percent"
direction = "{direction}"
low = 99.5
window = "month"
frequency = "daily"
minimum_sample = 1
owner = "owner"
feed = "Counters"
missing_counts_as = "no_data"
good = "High"
dimensions = ["unit"]
{more}
"""


def small(measure: str = "requests", direction: str = "up", more: str = "") -> str:
    return SMALL.format(measure=measure, direction=direction, more=more)


def test_the_shipped_catalogue_has_all_thirty_kpis():
    kpis = catalogue.current().kpis

    assert sorted(kpi.number for kpi in kpis) == list(range(1, 31))
    assert check_catalogue() == []


def test_every_perspective_has_kpis():
    assert {kpi.perspective for kpi in catalogue.current().kpis} == catalogue.PERSPECTIVES.keys()


def test_every_measure_leads_to_the_families_to_compute_again():
    lonely = [key for key in catalogue.current().measures if not catalogue.current().families_of(key)]

    assert lonely == [
        "billed_cost",
        "input_tokens",
        "output_tokens",
        "cached_tokens",
        "tokens",
        "gateway_cost",
        "gateway_tokens",
        "gateway_requests",
        "external_incidents",
        "headcount",
    ]
    assert catalogue.current().families_of("effective_cost") == {"cost", "value"}


def test_a_small_catalogue_is_read():
    kpi = catalogue.parse(small()).by_key["availability"]

    assert (str(kpi.bands.low), kpi.scale, kpi.series) == ("99.5", 100, ("",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (small(measure="nothing"), "names unknown measures: nothing"),
        (small(direction="down"), "up needs low, down needs high, band needs both"),
        (small(direction="sideways"), "direction"),
        (small(more="colour = 1"), "Extra inputs are not permitted"),
        (small(more='version = "x"'), "version"),
        (small() + small().split("[[kpis]]")[1].join(["[[kpis]]", ""]), "is used twice"),
    ],
)
def test_a_bad_catalogue_is_refused_with_its_reason(text, message):
    with pytest.raises(ValidationError, match=message):
        catalogue.parse(text)


def test_the_definition_leaves_out_what_may_change_freely():
    kpi = catalogue.parse(small()).by_key["availability"]

    renamed = kpi.model_copy(update={"name": "Uptime", "good": "Higher"})
    recounted = kpi.model_copy(update={"numerator": "Fast requests"})

    assert renamed.definition() == kpi.definition() != recounted.definition()
