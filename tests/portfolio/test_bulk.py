import pytest

from caio_portal.common import clock, files
from portfolio import ports
from portfolio.models import ExternalRow, FactChange, ImportBatch, StageMove, UseCase
from portfolio.services import bulk
from portfolio.services.bulk import NewUseCase, Rewrite
from tests.factories import make_person, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch():
    file = files.store("inventory.csv", b"a,b", "text/csv")
    return ImportBatch.objects.create(profile="plain", file=file, sha256=file.sha256)


@pytest.fixture
def told(monkeypatch):
    heard: list[list[UseCase]] = []
    monkeypatch.setattr(ports.facts_changed, "providers", [lambda use_cases, by: heard.append(list(use_cases))])
    return heard


def test_register_all(batch, told):
    unit, year = make_unit(), clock.now().year
    facts = {"purpose": "Tabs\tand \\ and\nlines, “quotes”", "personal_data": True, "technique": ["vision"]}

    made = bulk.register_all(
        [NewUseCase("One", unit.pk, facts, stage="production"), NewUseCase("Two", unit.pk)], batch=batch, by=None
    )

    one, two = UseCase.objects.order_by("pk")
    assert [one, two] == made
    assert (one.ref, one.title, one.facts, one.stage, one.source) == (
        f"UC-{year}-0001", "One", facts, "production", "import",
    )  # fmt: skip
    assert (two.ref, two.facts, two.stage, two.stage_since) == (f"UC-{year}-0002", {}, None, None)
    assert list(StageMove.objects.values_list("use_case", "before", "after", "kind")) == [
        (one.pk, None, "production", "recorded")
    ]
    assert dict(FactChange.objects.filter(batch=batch).values_list("fact", "value")) == facts
    assert told == [made]


def test_saving_after_register_all_updates(batch):
    [use_case] = bulk.register_all([NewUseCase("One", make_unit().pk)], batch=batch, by=None)
    use_case.title = "Uno"

    use_case.save()

    assert UseCase.objects.get().title == "Uno"


def test_rewrite_all(batch, told):
    by = make_person()
    [use_case] = bulk.register_all(
        [NewUseCase("One", make_unit().pk, {"purpose": "a", "outputs": "b"}, stage="pilot")], batch=batch, by=by
    )

    bulk.rewrite_all(
        [Rewrite(use_case, {"purpose": "c", "outputs": None}, title="Uno", stage="production")], batch=batch, by=by
    )

    after = UseCase.objects.get()
    assert (after.title, after.facts, after.stage, after.revision) == ("Uno", {"purpose": "c"}, "production", 2)
    assert list(StageMove.objects.values_list("before", "after")) == [(None, "pilot"), ("pilot", "production")]
    assert list(FactChange.objects.order_by("pk").values_list("fact", "value", "by")) == [
        ("purpose", "a", by.pk), ("outputs", "b", by.pk), ("purpose", "c", by.pk), ("outputs", None, by.pk),
    ]  # fmt: skip
    assert len(told) == 2


def test_keep_rows(batch):
    [use_case] = bulk.register_all([NewUseCase("One", make_unit().pk)], batch=batch, by=None)
    cells = {"Name": 'a "b"\\n\t\n', "Empty": ""}

    bulk.keep_rows([ExternalRow(use_case=use_case, source="omb", key="X-1", cells=cells, batch=batch)])

    row = ExternalRow.objects.get()
    assert (row.use_case, row.key, row.occurrence, row.cells, row.before) == (use_case, "X-1", 1, cells, None)


def test_void_all_hides(batch):
    [use_case] = bulk.register_all([NewUseCase("One", make_unit().pk)], batch=batch, by=None)

    assert bulk.void_all([use_case.pk]) == 1
    assert not UseCase.objects.active().exists()


def test_nothing_to_do(batch):
    assert (bulk.register_all([], batch=batch, by=None), bulk.rewrite_all([], batch=batch, by=None)) == ([], [])
