import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve, reverse

from caio_portal.accounts.roles import Role
from kpis import catalogue, published
from kpis.defining import RESERVED
from kpis.models import KpiVersion, PublishedDefinition
from kpis.services import definitions, feeds, rollups
from tests.factories import make_person, make_unit, signed_in
from tests.kpis.definitions import changed, own, publish_own_measure
from tests.kpis.factories import make_feed, make_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_november")]
LIST = reverse("kpis:definition_list")


@pytest.fixture
def client(office):
    return signed_in(office)


def address(name, key="training_completion"):
    return reverse(f"kpis:{name}", args=[key])


def filled(response):
    """What a browser would send back of the form on a page, without JavaScript."""
    form = response.context["form"]
    bound = list(form) + [field for term in (form.terms or ()) for field in term]
    bound += list(form.terms.management_form) if form.terms else []
    values = {field.html_name: field.value() for field in bound}
    return {name: value for name, value in values.items() if value is not None and value is not False}


def written(client, key="training_completion", start="", **changes):
    page = client.get(address("edit_definition", key) + (f"?start={start}" if start else ""))
    return filled(page) | changes


WORDS = {"key": "prompts_reused", "name": "Prompts used again", "question": "Do people share what works?",
         "good": "Half of them.", "numerator": "Used again", "denominator": "Kept",
         "feed": "Prompt library"}  # fmt: skip


def send(client, data, step, key="training_completion"):
    return client.post(address("edit_definition", key), data | {"step": step})


# --- reading ------------------------------------------------------------------------------------------------------


def test_the_list_tells_how_everything_is_counted(client):
    page = client.get(LIST)

    table = page.context["table"]
    assert [row.number for row in table.rows] == list(range(1, 31))
    assert "Training completion" in page.content.decode()
    assert LIST in client.get(reverse("kpis:scorecard")).content.decode()
    assert address("definition_detail") in client.get(address("kpi_detail")).content.decode()


def test_the_list_is_found_filtered_sorted_and_exported(client, office):
    definitions.publish_kpi(changed("training_completion", name="Trained"), "Shorter", by=office)

    def keys(query):
        return [row.key for row in client.get(f"{LIST}?{query}").context["table"].rows]

    assert keys("q=trained") == ["training_completion"]
    assert keys("origin=Changed+here") == ["training_completion"]
    assert keys("perspective=people&sort=name") == ["talent_coverage", "developer_enps", "training_completion"]
    assert keys("sort=-number")[0] == "time_to_decision"
    export = b"".join(client.get(f"{LIST}?format=csv&origin=Changed+here")).decode().splitlines()
    assert (len(export), export[1].split(",")[:2]) == (2, ['"Trained"', '"24"'])


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_as_much_for_more_rows(client, office, rows, django_assert_num_queries):
    publish_own_measure(office)
    published.read()
    for number in range(rows):
        definitions.publish_kpi(own(f"prompts_{number}", name=f"Prompts {number}"), "More", by=office)
    client.get(LIST)

    with django_assert_num_queries(5):  # session, person, roles, notices, publications
        page = client.get(LIST)

    assert len(page.context["table"].rows) == 30 + rows


def test_whoever_sees_kpis_reads_definitions(root):
    auditor = signed_in(make_person(Role.AUDITOR, unit=root))

    page = auditor.get(address("definition_detail", "risk_posture"))

    assert page.status_code == 200
    assert "Change it" not in page.content.decode()
    assert auditor.get(address("edit_definition")).status_code == 403


def test_the_office_of_a_part_reads_only(root):
    part = make_unit("Claims", parent=root)
    client = signed_in(make_person(Role.CAIO_OFFICE, unit=part))

    assert "Change it" not in client.get(address("definition_detail")).content.decode()
    assert client.get(address("edit_definition")).status_code == 403


def test_no_kpi_is_named_like_a_page():
    for word in RESERVED - {"batches", "notes"}:
        for prefix in ("/kpis/", "/kpis/definitions/"):
            try:
                found = resolve(f"{prefix}{word}/")
            except Resolver404:
                continue
            if found.url_name not in ("kpi_detail", "definition_detail"):
                break
        else:
            pytest.fail(f"{word} is no page")


# --- changing -----------------------------------------------------------------------------------------------------


def test_a_draft_is_tried_and_published_without_javascript(client, office):
    feeds.load_file(make_feed().pk, make_file("date,measure,num,den\n2026-10-31,training,90,120\n"), by=None)
    rollups.roll_up_due()
    data = written(client, name="People trained") | {"terms-0-den": "n"}

    trial = send(client, data, "try")

    assert trial.status_code == 200
    told = trial.context["trial"]
    assert told.counts_again
    assert told.changes[0] == "Name: “Training completion” becomes “People trained”"
    month, old, new = told.months[0]
    assert (f"{month:%Y-%m}", old.reading.value, new.reading.value) == ("2026-10", 75, 75)
    assert not PublishedDefinition.objects.exists()
    kept = dict(trial.context["kept"]) | {"version": trial.context["version"], "reason": "Simpler"}
    answer = send(client, kept, "publish")
    assert answer.url == address("definition_detail")
    row = PublishedDefinition.objects.get()
    assert (row.number, row.reason, row.by, row.document["name"]) == (2, "Simpler", office, "People trained")
    assert "Simpler" in client.get(answer.url).content.decode()
    page = client.get(address("kpi_detail")).content.decode()
    assert "People trained" in page
    assert "version 2" in page


def test_trying_writes_nothing(client):
    data = written(client) | {"terms-0-den": "n"}

    with CaptureQueriesContext(connection) as queries:
        send(client, data, "try")

    assert [q["sql"] for q in queries if q["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")] == []


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"low": ""}, "low", "More is better: the lower bound is missing."),
        ({"high": "99"}, "high", "More is better: there is no upper bound. Leave it empty."),
        ({"direction": "band", "high": "90"}, "__all__", "Low must be below high."),
        ({"name": ""}, "name", "This field is required."),
        ({"window": "quarter"}, "window", "Required training is counted on a day, which is not added up over months."),
        ({"formula": "difference_of_ratios"}, "formula",
         "The difference needs a series named control, with what it is compared with."),
        ({"terms-0-num": "amount"}, "__all__",
         "Measure 1: Required training has no amount, only numerator, denominator and sample."),
        ({"terms-2-measure": "headcount", "terms-2-series": "Own Series"}, "__all__",
         "Measure 3: A series is named in small letters, digits and underscores, 20 at most."),
        ({"terms-0-den": "n", "error_budget": "on"}, "__all__",
         "An error budget is made of one measure, what was good of everything."),
        ({"terms-0-measure": ""}, "__all__", "The value itself is made of no measure."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_the_field(client, changes, field, said):
    page = send(client, written(client, question="Kept?") | changes, "try")

    assert page.status_code == 422
    assert said in page.context["form"].errors[field]
    assert "Kept?" in page.content.decode()


def test_a_draft_that_changes_nothing_is_not_tried(client):
    page = send(client, written(client), "try")

    assert page.context["form"].non_field_errors() == ["Nothing is different from the definition in force."]


def test_a_reason_is_needed_and_the_draft_stays(client):
    data = written(client, low="80")

    page = send(client, data, "publish")

    assert page.status_code == 422
    assert "reason" in page.context["form"].errors
    back = send(client, dict(page.context["kept"]) | {"reason": ""}, "edit")
    assert (back.status_code, back.context["form"]["low"].value()) == (200, "80")


def test_a_version_published_meanwhile_is_told_before_it_is_replaced(client, office):
    data = written(client, low="80")
    definitions.publish_kpi(changed("training_completion", low=70), "Meanwhile", by=office)

    page = send(client, data | {"reason": "Mine"}, "publish")

    assert page.status_code == 422
    assert "Meanwhile" in page.content.decode()
    kept = dict(page.context["kept"]) | {"version": page.context["version"], "reason": "Mine"}
    send(client, kept, "publish")
    assert list(PublishedDefinition.objects.values_list("number", "reason")) == [(2, "Meanwhile"), (3, "Mine")]


def test_records_get_other_words_only(client):
    page = client.get(address("edit_definition", "time_to_decision"))

    form = page.context["form"]
    assert form.terms is None
    assert {"formula", "numerator", "uom"}.isdisjoint(form.fields)
    assert "percentile" in form.fields
    trial = send(client, filled(page) | {"percentile": "85"}, "try", "time_to_decision")
    assert trial.context["trial"].changes == ("Percentile: “50” becomes “85”",)


def test_what_ships_is_a_click_away(client, office):
    definitions.publish_kpi(changed("training_completion", low=70), "Lower", by=office)
    assert "?start=shipped" in client.get(address("definition_detail")).content.decode()

    data = written(client, start="shipped")

    assert (data["low"], data["start"]) == ("95", "shipped")
    send(client, data | {"reason": "Back", "version": 2}, "publish")
    kpi = catalogue.current()
    published.read()
    kpi = catalogue.current().by_key["training_completion"]
    assert (kpi.version, kpi.low, kpi.counted_by) == (3, 95, 1)


def test_an_upgrade_is_told_and_changes_nothing(client, office):
    old = changed("training_completion", low=70, version=2)
    KpiVersion.objects.create(kpi=old.key, number=2, valid_from="2026-11-01", document={
        "definition": old.definition(), "text": old.model_dump(mode="json")})  # fmt: skip
    PublishedDefinition.objects.create(kind="kpi", key=old.key, number=2, document=old.model_dump(mode="json"),
                                       reason="Ours", by=office, shipped=0, at="2026-11-01T00:00Z")  # fmt: skip

    page = client.get(address("definition_detail")).content.decode()

    assert "Another definition ships with the portal now" in page
    assert "Another one ships" in client.get(LIST).content.decode()
    assert catalogue.current().by_key["training_completion"].low == 70


# --- adding -------------------------------------------------------------------------------------------------------


def test_a_measure_and_a_kpi_of_ones_own(client, office):
    told = {"key": "prompts_kept", "name": "Prompts kept", "uom": "share", "counts": "events",
            "of": "num: used again; den: kept", "reason": "New"}  # fmt: skip
    assert client.post(reverse("kpis:add_measure"), told).url == reverse("kpis:measure_list")
    add = reverse("kpis:add_definition")
    assert "Begin with a copy of" in client.get(add).content.decode()

    data = filled(client.get(f"{add}?copy=releases_evaluated"))
    assert (data["name"], data["good"], data["terms-0-measure"]) == ("", "", "releases")
    data |= WORDS | {"terms-0-measure": "prompts_kept"}
    trial = client.post(add, data | {"step": "try"})
    answer = client.post(add, dict(trial.context["kept"]) | {"reason": "Wanted", "step": "publish"})

    assert answer.url == address("definition_detail", "prompts_reused")
    page = client.get(reverse("kpis:scorecard"))
    assert "Prompts used again" in page.content.decode()
    feed = make_feed(office.grants.get().unit)
    schema = client.get(reverse("kpis:feed_schema", args=[feed.pk])).json()
    assert "prompts_kept" in schema["items"]["properties"]["measure"]["enum"]
    assert client.get(address("kpi_detail", "prompts_reused")).status_code == 200
    measures = client.get(reverse("kpis:measure_list") + "?origin=Own").context["table"].rows
    assert [(row.key, row.kpi_names) for row in measures] == [("prompts_kept", "Prompts used again")]


@pytest.mark.parametrize("key", ["training_completion", "feeds", "risk_at", "Prompts", "no"])
def test_a_key_has_to_be_free(client, key):
    add = reverse("kpis:add_definition")
    data = filled(client.get(f"{add}?copy=releases_evaluated")) | WORDS | {"key": key, "step": "try"}

    page = client.post(add, data)

    assert page.status_code == 422
    assert page.context["form"].errors["key"]


def test_what_is_counted_from_records_is_not_copied(client):
    assert client.get(reverse("kpis:add_definition") + "?copy=risk_posture").status_code == 404


def test_a_measure_gets_other_words_and_no_other_meaning(client, office):
    publish_own_measure(office)
    edit = reverse("kpis:edit_measure", args=["prompts_kept"])

    page = client.get(edit)

    assert set(page.context["form"].fields) == {"name", "of", "reason"}
    client.post(edit, {"name": "Kept prompts", "of": "num and den", "reason": "Clearer"})
    assert PublishedDefinition.objects.last().document["name"] == "Kept prompts"
    assert client.get(reverse("kpis:edit_measure", args=["training"])).status_code == 404


def test_a_measure_that_ships_is_not_added_again(client):
    told = {"key": "training", "name": "T", "uom": "share", "counts": "events", "of": "x", "reason": "New"}

    page = client.post(reverse("kpis:add_measure"), told)

    assert page.context["form"].errors["key"] == ["training ships with the portal: it is not changed."]


# --- retiring -----------------------------------------------------------------------------------------------------


def test_what_is_retired_leaves_the_scorecard_and_stays_to_be_read(client):
    client.post(address("retire_definition"), {"reason": "Nobody asks."}, follow=True)

    assert "Training completion" not in client.get(reverse("kpis:scorecard")).content.decode()
    page = client.get(address("kpi_detail")).content.decode()
    assert "Nobody asks." in page
    keys = [row.key for row in client.get(LIST).context["table"].rows]
    assert "training_completion" not in keys
    assert [row.key for row in client.get(f"{LIST}?state=Retired").context["table"].rows] == ["training_completion"]
    assert "Bring it back" in client.get(address("definition_detail")).content.decode()


def test_what_other_pages_are_made_of_is_not_retired(client):
    assert client.post(address("retire_definition", "budget_variance"), {"reason": "x"}).status_code == 403
    assert (
        address("retire_definition", "budget_variance")
        not in client.get(address("definition_detail", "budget_variance")).content.decode()
    )
