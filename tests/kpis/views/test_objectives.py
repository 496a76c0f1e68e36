from decimal import Decimal as D

import pytest
from django.urls import reverse

from caio_portal.accounts.models import Notice
from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common.errors import Invalid
from kpis.models import KeyResult, Objective, ObjectiveReview
from kpis.selectors.objectives import standings
from kpis.services import feeds, objectives, rollups
from tests.factories import make_person, make_unit, signed_in
from tests.kpis.factories import make_feed, make_file, make_objective

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_november")]
HEADER = "date,measure,num,den,unit,key"


def observe(unit, *rows):
    feeds.load_file(make_feed(unit).pk, make_file("\n".join([HEADER, *rows])), by=None)
    rollups.roll_up_due()


def result_of(objective, start, target, kpi="training_completion"):
    return KeyResult.objects.create(
        objective=objective, kpi=kpi, title="Everybody is trained", start=start, target=target
    )


def standing(objective):
    (found,) = standings(Objective.objects.filter(pk=objective.pk))
    return found


# --- where it stands ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "target", "progress", "tone"),
    [
        (60, 100, "0.75", "good"),  # 90 is three quarters of the way
        (80, 100, "0.50", "warn"),
        (89, 99, "0.10", "bad"),
        (95, 100, "0.00", "bad"),  # it fell behind its start
        (50, 80, "1.00", "good"),  # more than all
        (100, 80, "0.50", "warn"),  # downwards
    ],
)
def test_a_key_result_is_graded_by_how_far_its_kpi_came(root, start, target, progress, tone):
    observe(root, "2026-10-31,training,90,100,,")
    objective = make_objective(root)
    result_of(objective, start, target)

    (result,) = standing(objective).results

    assert (result.value, result.progress_words, result.tone) == (90, progress, tone)


def test_an_objective_is_the_mean_and_what_is_not_known_has_not_begun(root):
    observe(root, "2026-10-31,training,90,100,,")
    objective = make_objective(root)
    result_of(objective, 60, 100)
    result_of(objective, 0, 100, kpi="developer_enps")

    found = standing(objective)

    assert [result.progress_words for result in found.results] == ["0.75", "No data"]
    assert found.progress == D("0.375")
    assert standing(make_objective(root)).progress is None


def test_a_key_result_counts_its_unit_with_those_below(root):
    claims = make_unit("Claims", parent=root)
    observe(root, "2026-10-31,training,90,100,Northwind,", "2026-10-31,training,10,100,Claims,")
    whole, part = make_objective(root), make_objective(claims)
    result_of(whole, 0, 100)
    result_of(part, 0, 100)

    assert [standing(one).results[0].value for one in (whole, part)] == [50, 10]


def test_a_period_that_is_over_keeps_its_last_month(root):
    observe(root, "2026-09-30,training,60,100,,a", "2026-10-31,training,90,100,,b")
    over = make_objective(root, period="2026Q3")
    result_of(over, 0, 100)

    assert standing(over).results[0].value == 60


@pytest.mark.parametrize("rows", [1, 3])
def test_objective_list_query_count(root, rows, django_assert_num_queries):
    for number in range(rows):
        unit = make_unit(f"Team {number}", parent=root)
        observe(root, f"2026-10-31,training,9,10,{unit.name},")
        result_of(make_objective(unit), 0, 100)
    client = signed_in(make_person(Role.EXECUTIVE, unit=root))

    with django_assert_num_queries(9):  # session, user, roles; objectives, results, reviews, units, values; notices
        response = client.get(reverse("kpis:objective_list"))

    ((_, found),) = response.context["outcomes"]
    assert [one.results[0].value for one in found] == [90] * rows


# --- setting and reviewing ----------------------------------------------------------------------------------------


def test_an_objective_is_set_with_its_key_results(root, office):
    client, owner = signed_in(office), make_person(Role.EXECUTIVE, unit=root)
    typed = {"title": "Trained", "outcome": "Safe AI", "unit": root.pk, "owner": owner.pk, "period": "2026Q4"}

    added = client.post(reverse("kpis:add_objective"), typed)
    objective = Objective.objects.get()
    result = {"kpi": "training_completion", "title": "All are trained", "start": "60", "target": "95"}
    client.post(reverse("kpis:add_key_result", args=[objective.pk]), result)
    page = client.get(objective.get_absolute_url())

    assert added.url == objective.get_absolute_url()
    assert b"60% to 95%" in page.content
    assert list(Notice.objects.values_list("user", flat=True)) == [owner.pk]
    actions = AuditEvent.objects.filter(subject_type="kpis.objective").order_by("pk")
    assert [event.action for event in actions] == ["objective.set", "key_result.added"]


@pytest.mark.parametrize(
    "change",
    [{"title": ""}, {"outcome": ""}, {"period": "1999"}, {"unit": "0"}, {"owner": "0"}],
)
def test_a_bad_objective_comes_back(root, office, change):
    typed = {"title": "T", "outcome": "O", "unit": root.pk, "owner": office.pk, "period": "2026Q4"} | change

    response = signed_in(office).post(reverse("kpis:add_objective"), typed)

    assert (response.status_code, Objective.objects.count()) == (422, 0)


@pytest.mark.parametrize(
    "change", [{"kpi": "happiness"}, {"target": "60"}, {"start": "low"}, {"title": ""}, {"kpi": ""}]
)
def test_a_bad_key_result_comes_back(root, office, change):
    objective = make_objective(root)
    typed = {"kpi": "training_completion", "title": "T", "start": "60", "target": "95"} | change

    response = signed_in(office).post(reverse("kpis:add_key_result", args=[objective.pk]), typed)

    assert (response.status_code, KeyResult.objects.count()) == (422, 0)


def test_a_quarter_is_reviewed_once_with_grades(root):
    observe(root, "2026-10-31,training,90,100,,")
    owner = make_person(Role.OWNER, unit=root)
    objective = make_objective(root, owner=owner)
    result = result_of(objective, 60, 100)
    client, url = signed_in(owner), reverse("kpis:review_objective", args=[objective.pk])
    typed = {"quarter": "2026Q3", f"grade_{result.pk}": "0.8", "text": "The courses worked."}

    page, kept, again = client.get(url), client.post(url, typed), client.post(url, typed)

    review = ObjectiveReview.objects.get()
    result.refresh_from_db()
    assert b"computed 0.75" in page.content
    assert (kept.status_code, again.status_code) == (302, 422)
    assert (review.grade, result.grade, review.reviewed_by) == (D("0.8"), D("0.8"), owner)
    assert review.results == [{
        "key_result": result.pk, "title": "Everybody is trained", "value": "90%", "computed": "0.75", "grade": "0.80",
    }]  # fmt: skip
    assert b"The courses worked." in client.get(objective.get_absolute_url()).content


def test_the_last_review_closes(root, office):
    objective = make_objective(root)
    result = result_of(objective, 60, 100)

    objectives.review_objective(objective.pk, "2026Q4", "Given up", {result.pk: D(0)}, by=office, close=True)

    client = signed_in(office)
    assert client.get(reverse("kpis:objective_list")).context["outcomes"] == []
    assert len(client.get(reverse("kpis:objective_list") + "?closed").context["outcomes"]) == 1
    assert client.get(reverse("kpis:review_objective", args=[objective.pk])).status_code == 403


@pytest.mark.parametrize(("grade", "text"), [("1.5", "x"), ("-0.1", "x"), ("0.5", "  ")])
def test_a_review_needs_sound_grades_and_words(root, office, grade, text):
    objective = make_objective(root)
    result = result_of(objective, 60, 100)

    with pytest.raises(Invalid):
        objectives.review_objective(objective.pk, "2026Q4", text, {result.pk: D(grade)}, by=office)
    with pytest.raises(Invalid, match="Every key result"):
        objectives.review_objective(objective.pk, "2026Q4", "x", {}, by=office)


def test_others_read_and_strangers_do_not_know(root):
    objective = make_objective(root)
    reader = signed_in(make_person(Role.AUDITOR, unit=root))

    assert reader.get(objective.get_absolute_url()).status_code == 200
    assert reader.get(reverse("kpis:edit_objective", args=[objective.pk])).status_code == 403
    stranger = signed_in(make_person(Role.CAIO, unit=make_unit("Elsewhere")))
    assert stranger.get(objective.get_absolute_url()).status_code == 404
