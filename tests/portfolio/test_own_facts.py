"""A questionnaire declares facts of the organisation's own: published, they are facts everywhere."""

import tomllib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.common import stamps
from caio_portal.common.errors import Invalid
from caio_portal.common.toml_text import Mistaken
from governance.policy import shipped
from governance.policy.schema import Policy
from portfolio import facts, fields, own_facts, services
from portfolio.facts import CATALOGUE
from portfolio.intake.questionnaire import Questionnaire
from portfolio.intake.versions import draft_of, source_of
from portfolio.intake.writing import to_toml
from portfolio.inventory import profiles
from portfolio.models import OwnFact
from tests.factories import make_person, make_use_case, signed_in

pytestmark = pytest.mark.django_db
DECLARED = """
[facts.union_consulted]
kind = "choice"
label = "Union consulted"
[facts.union_consulted.choices]
agreed = "Yes, and it agreed"
asked = "Asked, no answer yet"

[facts.desks_affected]
kind = "number"
label = "Desks affected"
uom = "desks"
"""
ASKED = """
[[sections.questions]]
fact = "union_consulted"
ask = "Was the works council asked?"
why = "The law wants it."

[[sections.questions]]
fact = "desks_affected"
ask = "How many desks are affected?"
why = "It tells the scale."
show_if = { fact = "union_consulted", is = "asked" }
"""


@pytest.fixture(autouse=True)
def forgotten():
    """What a test has declared is rolled back: this process forgets it as well."""
    yield
    CATALOGUE.keep({}, 0)


@pytest.fixture
def use_case(unit):
    return make_use_case("Chat for claims", unit=unit, requester=make_person(Role.REQUESTER, unit=unit, name="Ann"))


def with_own(source, declared=DECLARED, asked=ASKED):
    head, first, rest = source.partition("[[sections]]")
    return f"{head}{declared}\n{first}{rest.rstrip()}\n{asked}"


def written(office, **parts):
    draft = services.draft_questionnaire(by=office)
    return services.write_questionnaire(draft.pk, with_own(source_of(draft), **parts), by=office)


@pytest.fixture
def published(office):
    return services.publish_questionnaire(written(office).pk, by=office)


def test_a_draft_declares_for_itself_only(office):
    draft = written(office)

    page = signed_in(office).get(draft.get_absolute_url()).content.decode()
    editor = signed_in(office).get(reverse("portfolio:write_questionnaire", args=[draft.pk])).content.decode()

    assert "Was the works council asked?" in page
    assert "Asked depending on union consulted." in page
    assert "desks_affected" in editor
    assert "union_consulted" not in CATALOGUE
    assert not OwnFact.objects.exists()


def test_what_is_declared_survives_being_written(office):
    document = draft_of(written(office))

    again = Questionnaire.model_validate(tomllib.loads(to_toml(document)))

    assert again == document
    assert again.own_facts()["desks_affected"].label_of(12) == "12 desks"


@pytest.mark.parametrize(
    ("declared", "asked", "said"),
    [
        ('[facts.purpose]\nkind = "text"\nlabel = "X"', "", "purpose is a fact already"),
        ('[facts."Big Name"]\nkind = "text"\nlabel = "X"', "", "is no name for a fact"),
        ('[facts.some_kind]\nkind = "colour"\nlabel = "X"', "", "Input should be"),
        ('[facts.some_kind]\nkind = "choice"\nlabel = "X"', "", "two choices or more"),
        ('[facts.some_kind]\nkind = "text"\nlabel = "X"\nuom = "kg"', "", "no unit of measure"),
        ('[facts.some_kind]\nkind = "table"\nlabel = "X"', "", "columns and rows_max"),
        (DECLARED, ASKED.replace('"asked" }', '"never" }'), "union_consulted is never never"),
        ("", ASKED, "union_consulted is not the name of a fact"),
    ],
)
def test_what_is_declared_badly_is_told_at_its_line(office, declared, asked, said):
    with pytest.raises(Mistaken) as caught:
        written(office, declared=declared, asked=asked)

    assert said.lower() in str(caught.value).lower()
    assert all(mistake.line for mistake in caught.value.mistakes)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "number"\nlabel = "Desks affected"\nuom = "desks"', 'kind = "text"\nlabel = "Desks"', "stays one"),
        ('uom = "desks"', 'uom = "rooms"', "measured in desks"),
        ('asked = "Asked, no answer yet"', 'no = "No"', "had the choices asked"),
    ],
)  # fmt: skip
def test_a_later_version_gives_a_fact_no_other_meaning(office, published, old, new, said):
    draft = services.draft_questionnaire(by=office)
    source = source_of(draft).replace(old, new).replace('is = "asked" }', 'is = "agreed" }')

    with pytest.raises(Invalid, match=said):
        services.write_questionnaire(draft.pk, source, by=office)


def test_a_later_version_may_add_choices_and_change_labels(office, published):
    draft = services.draft_questionnaire(by=office)
    source = source_of(draft).replace('asked = "Asked, no', 'no = "No"\nasked = "Asked, no').replace("Desks", "Places")

    services.publish_questionnaire(services.write_questionnaire(draft.pk, source, by=office).pk, by=office)

    assert list(CATALOGUE["union_consulted"].choices) == ["agreed", "no", "asked"]
    assert CATALOGUE["desks_affected"].label == "Places affected"
    assert sorted(row.name for row in OwnFact.objects.all()) == [*["desks_affected"] * 2, *["union_consulted"] * 2]


def test_two_drafts_that_mean_different_things_are_not_both_published(office):
    one = written(office)
    other = written(office, declared=DECLARED.replace('"number"', '"text"').replace('uom = "desks"', ""))
    services.publish_questionnaire(one.pk, by=office)

    with pytest.raises(Invalid, match="stays one"):
        services.publish_questionnaire(other.pk, by=office)


def test_an_answer_is_in_the_dossier_and_in_the_history(office, published, use_case):
    client = signed_in(use_case.requester)
    use_case.questionnaire = published
    use_case.save()
    section = draft_of(published).sections[-1].key
    address = reverse("portfolio:intake_section", args=[use_case.ref, section])
    asked = ["union_consulted", "desks_affected"]

    client.post(address, {"asked": asked[:1], "union_consulted": "asked"})
    client.post(address, {"asked": asked, "union_consulted": "asked", "desks_affected": "1,200"})

    use_case.refresh_from_db()
    assert use_case.facts == {"union_consulted": "asked", "desks_affected": 1200}
    told = client.get(f"{use_case.get_absolute_url()}facts/").content.decode()
    assert "Union consulted" in told
    assert "1,200 desks" in told
    history = client.get(f"{use_case.get_absolute_url()}history/").content.decode()
    assert "Asked, no answer yet" in history


def test_the_register_filters_by_it_and_files_hold_it(office, published, unit):
    make_use_case("Chat", unit=unit, facts={"union_consulted": "asked", "desks_affected": 3})
    make_use_case("Search", unit=unit, facts={"union_consulted": "agreed"})
    key = fields.key_of("union_consulted")

    page = signed_in(office).get(f"/use-cases/?by={key}&{key}=asked")

    assert [row.title for row in page.context["table"].page] == ["Chat"]
    columns = {column.fact for column in profiles.load("plain").columns}
    assert {"union_consulted", "desks_affected"} <= columns
    assert facts.parse("union_consulted", "Yes, and it agreed") == "agreed"


def test_a_rule_of_the_policy_asks_about_it(published):
    document = shipped().model_dump(mode="json", by_alias=True, exclude_none=True)
    rule = {"id": "works-council", "tier": 3, "when": {"fact": "union_consulted", "is": "asked"}}
    rule |= {"because": "No agreement yet.", "reference": "Works agreement", "framework": "house"}
    document["rules"] = [*document["rules"], rule]
    document["material_facts"] = [*document["material_facts"], "union_consulted"]
    CATALOGUE.keep({}, 0)  # another process has published it

    policy = Policy.model_validate(document)

    assert "union_consulted" in policy.rule_facts


def test_another_process_learns_of_it_with_the_next_request(office, published, django_assert_num_queries):
    client = signed_in(office)
    client.get("/use-cases/")
    with CaptureQueriesContext(connection) as usual:
        client.get("/use-cases/")
    CATALOGUE.keep({}, 0)

    with django_assert_num_queries(len(usual) + 1):  # read again, once
        page = client.get("/use-cases/").content.decode()

    assert "union_consulted" in page
    assert CATALOGUE["desks_affected"].uom == "desks"


def test_a_job_knows_of_it(published):
    CATALOGUE.keep({}, 0)

    stamps.read()

    assert CATALOGUE["union_consulted"].label == "Union consulted"


def test_nothing_is_read_again_while_nothing_is_published(published, django_assert_num_queries):
    with django_assert_num_queries(0):
        own_facts.told(CATALOGUE.number)
