import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from caio_portal.common import clock
from kpis.models import Feed, KpiValue, Observation
from tests.factories import make_unit

pytestmark = pytest.mark.django_db
HEADER = "date,measure,num,den,n,amount,unit,key"


@pytest.fixture(autouse=True)
def _mid_november():
    with clock.at(datetime(2026, 11, 15, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def delivery(tmp_path):
    path = tmp_path / "figures.csv"
    path.write_text(f"{HEADER}\n2026-10-31,training,9,10,,,Claims,\n2026-10-31,training,10,100,,,Other,\n")
    make_unit("Claims")
    make_unit("Other")
    return path


def run(*arguments: str) -> dict[str, object]:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


def test_a_feed_is_loaded_rolled_up_and_asked(delivery):
    loaded = run("load_feed", str(delivery), "--feed", "Training", "--kind", "observations", "--unit", "Claims")
    again = run("load_feed", str(delivery), "--feed", "Training")

    assert (loaded["rows"], loaded["observations"], again["unchanged"]) == (2, 2, True)
    answer = run("kpi", "training_completion", "--unit", "claims", "--as-of", "2026-10-31")
    assert (answer["value"], answer["num"], answer["den"], answer["status"]) == (90, 9, 10, "watch")
    assert answer["lineage"]["inputs"] == 1
    assert answer["lineage"]["batches"][0]["feed"] == "Training"
    assert round(run("kpi", "training_completion", "--as-of", "2026-10-31")["value"], 2) == 17.27


def test_a_dry_run_leaves_nothing(delivery):
    report = run(
        "load_feed", str(delivery), "--feed", "Training", "--kind", "observations", "--unit", "Claims", "--dry-run"
    )

    assert (report["rows"], Feed.objects.count(), Observation.objects.count()) == (2, 0, 0)


def test_rollups_are_computed_and_checked(delivery):
    run("load_feed", str(delivery), "--feed", "Training", "--kind", "observations", "--unit", "Claims")

    assert run("rollup_kpis")["written"] == 0
    assert run("rollup_kpis", "--all")["written"] == 0
    assert run("rollup_kpis", "--all", "--check") == {"differences": 0, "where": []}

    KpiValue.objects.filter(unit_id=KpiValue.objects.first().unit_id).update(num=1)
    with pytest.raises(CommandError, match="Values differ"):
        run("rollup_kpis", "--all", "--check")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("kpi", "training_completion", "--unit", "Mars"), "No unit is called Mars"),
        (("kpi", "training_completion", "--as-of", "soon"), "is not a day"),
        (("load_feed", "/nowhere.csv", "--feed", "X", "--unit", "Claims"), "cannot be read"),
    ],
)
def test_a_wrong_argument_gets_a_sentence(delivery, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(*arguments)


def test_a_bad_file_gets_a_sentence_and_leaves_nothing(tmp_path, delivery):
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n")

    with pytest.raises(CommandError, match="not a FOCUS cost file"):
        run("load_feed", str(bad), "--feed", "Cost", "--unit", "Claims")

    assert Feed.objects.count() == 0


def test_a_feed_of_another_kind_is_made_with_its_mapping(tmp_path, delivery):
    answers = tmp_path / "answers.json"
    answers.write_text('[{"date": "2026-09-01", "rating": 5}, {"date": "2026-09-02", "rating": 3}]')

    command = ("load_feed", str(answers), "--feed", "Pulse", "--kind", "survey", "--unit", "Claims")
    loaded = run(*command, "--mapping", '{"measure": "satisfaction"}')

    assert (loaded["rows"], loaded["observations"]) == (2, 1)
    with pytest.raises(CommandError, match="not valid JSON"):
        run(*command[:3], "Other", *command[4:], "--mapping", "{")
