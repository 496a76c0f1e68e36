import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from portfolio.models import ChangeSource, FactChange, Source, UseCase
from portfolio.stages import Stage
from tests.factories import make_person, make_unit, make_use_case

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "bad",
    [{"title": ""}, {"stage": "live"}, {"tier": 6}, {"source": "rumour"}, {"requester": None}, {"stage": None}],
)
def test_use_case_refuses(bad):
    use_case = make_use_case()

    with pytest.raises(IntegrityError), transaction.atomic():
        UseCase.objects.filter(pk=use_case.pk).update(**bad)


def test_only_an_imported_use_case_may_lack_stage_and_requester():
    use_case = make_use_case(source=Source.IMPORT, stage=None)

    assert (use_case.stage, use_case.requester) == (None, None)


@pytest.mark.parametrize(
    "statement", ["UPDATE fact_change SET fact = 'x'", "DELETE FROM fact_change", "TRUNCATE fact_change"]
)
def test_fact_changes_only_grow(statement):
    FactChange.objects.create(use_case=make_use_case(), fact="purpose", value="x", source=ChangeSource.ANSWER)

    with pytest.raises(DatabaseError, match=r"permission denied|only grows"), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("chatbot", True),
        ("claims chat", True),
        ("summar", True),
        ("hospital", False),
        ("''); --", True),
        ("UC-2020", True),
    ],
)
def test_matching(text, found):
    use_case = make_use_case("Chatbots for claims", unit=make_unit(), facts={"purpose": "Summarises files."})

    assert UseCase.objects.matching(text).filter(pk=use_case.pk).exists() == found


def test_party_ids_name_each_once():
    person = make_person()
    use_case = make_use_case(requester=person, owner=person, stage=Stage.PILOT)

    assert use_case.party_ids == {person.pk}
