from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from kpis import catalogue
from kpis.models import KpiNote, KpiVersion
from kpis.services import feeds, rollups
from portfolio.stages import Stage
from tests.factories import make_person, make_unit, signed_in
from tests.kpis.factories import decide, make_feed, make_file, make_use_case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_november")]
HEADER = "date,measure,num,den,unit,use_case,key"
MAY = datetime(2026, 5, 4, tzinfo=UTC)


def observe(unit, *rows):
    feed = make_feed(unit)
    feeds.load_file(feed.pk, make_file("\n".join([HEADER, *rows])), by=None)
    rollups.roll_up_due()
    return feed


def load(feed, text):
    return feeds.load_file(feed.pk, make_file(text), by=None)


def get(client, name, key, **query):
    return client.get(reverse(f"kpis:{name}", args=[key]), query)


# --- rows ---------------------------------------------------------------------------------------------------------


def test_a_figure_leads_to_the_line_of_the_file(root):
    feed = observe(root, "2026-10-30,training,9,10,,,a", "2026-10-31,training,1,10,,,b", "2026-09-30,training,5,5,,,c")
    client = signed_in(make_person(Role.CAIO_OFFICE, unit=root))

    response = get(client, "kpi_rows", "training_completion", month="2026-10")

    rows = response.context["rows"]
    assert [(row.num, row.den, row.line, row.batch) for row in rows] == [
        (1, 10, 3, feed.batches.get(scope="training 2026-10").pk),
        (9, 10, 2, feed.batches.get(scope="training 2026-10").pk),
    ]
    assert response.content.count(b"line 3") == 1


def test_rows_of_other_units_and_hidden_use_cases_are_not_told(root):
    secret = make_use_case(root, (Stage.PRODUCTION, MAY), confidential=True)
    make_unit("Elsewhere")
    observe(root, f"2026-10-31,service_requests,9,10,,{secret.ref},a", "2026-10-31,service_requests,1,1,Elsewhere,,b",
            "2026-10-31,service_requests,2,2,,,c")  # fmt: skip
    client = signed_in(make_person(Role.OWNER, unit=root))

    response = get(client, "kpi_rows", "service_availability", month="2026-10")

    assert sorted((row.num, row.use_case, row.hidden) for row in response.context["rows"]) == [
        (2, "", False), (9, "", True),
    ]  # fmt: skip
    assert secret.ref.encode() not in response.content
    assert secret.title.encode() not in response.content


@pytest.mark.parametrize(("page", "lines"), [("1", 100), ("2", 5), ("3", 0), ("x", 100), ("-1", 100)])
def test_rows_come_in_pages(root, page, lines):
    observe(root, *(f"2026-10-{1 + n % 28:02},training,1,2,,,{n}" for n in range(105)))
    client = signed_in(make_person(Role.AUDITOR, unit=root))

    assert len(get(client, "kpi_rows", "training_completion", page=page).context["rows"]) == lines


def test_rows_as_known_on_a_day(root):
    client = signed_in(make_person(Role.CAIO_OFFICE, unit=root))
    feed = make_feed(root)
    with clock.at(datetime(2026, 11, 2, tzinfo=UTC)):
        load(feed, "date,measure,num,den\n2026-10-05,service_requests,1,10\n")
        other = make_feed(root, style="delta")
        load(other, "date,measure,num,den\n2026-10-06,service_requests,2,10\n")
    with clock.at(datetime(2026, 11, 12, tzinfo=UTC)):
        load(feed, "date,measure,num,den\n2026-10-05,service_requests,3,10\n")
    url = reverse("kpis:kpi_rows", args=["service_availability"]) + "?month=2026-10"

    now, then = (client.get(url + known) for known in ("", "&known_on=2026-11-05"))

    assert [[row.num for row in page.context["rows"]] for page in (now, then)] == [[2, 3], [2]]
    assert [[batch.state for batch in page.context["gone"]] for page in (now, then)] == [[], ["superseded"]]
    assert b"their rows are in their files" in then.content


def test_counts_that_a_later_one_replaces_say_so(root):
    client = signed_in(make_person(Role.CAIO_OFFICE, unit=root))
    feed = make_feed(root, style="delta")
    for day in (5, 6):
        load(feed, f"date,measure,num,den\n2026-10-0{day},training,1,10\n")

    page = client.get(reverse("kpis:kpi_rows", args=["training_completion"]) + "?month=2026-10")

    assert [row.is_superseded for row in page.context["rows"]] == [False, True]


@pytest.mark.parametrize("rows", [1, 3])
def test_rows_query_count(root, rows, django_assert_num_queries):
    use_cases = [make_use_case(root, (Stage.PRODUCTION, MAY)) for _ in range(rows)]
    observe(root, *(f"2026-10-31,service_requests,9,10,,{one.ref},{one.ref}" for one in use_cases))
    client = signed_in(make_person(Role.EXECUTIVE, unit=root))

    with django_assert_num_queries(7):  # session, user, roles, units; rows, use cases; notices
        get(client, "kpi_rows", "service_availability")


def test_a_figure_leads_to_the_reviews_that_were_decided(root):
    use_case, secret = (
        make_use_case(root, (Stage.PILOT, MAY)),
        make_use_case(root, (Stage.PILOT, MAY), confidential=True),
    )
    opened, decided = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 9, tzinfo=UTC)
    ref = decide(use_case, opened, decided).decision.review.ref
    decide(secret, opened, decided, waited=3)
    client = signed_in(make_person(Role.OWNER, unit=root))

    rows = get(client, "kpi_rows", "time_to_decision", month="2026-10").context["rows"]

    assert [(row.name, row.ref, row.url, row.made_of) for row in rows] == [
        (use_case.title, ref, reverse("governance:review_detail", args=[ref]), "6 business days / 1"),
        ("", "", "", "3 business days / 1"),
    ]


@pytest.mark.parametrize("key", [kpi.key for kpi in catalogue.current().kpis if kpi.source == "records"])
def test_every_kpi_of_records_lists_them(root, key):
    make_use_case(root, (Stage.PRODUCTION, MAY))

    response = get(signed_in(make_person(Role.CAIO, unit=root)), "kpi_rows", key, month="2026-10")

    assert response.status_code == 200


# --- small groups -------------------------------------------------------------------------------------------------


def answers(root, **by_team):
    for name in by_team:
        make_unit(name, parent=root)
    observe(root, *(f"2026-10-31,satisfaction,{good},{asked},{name},," for name, (good, asked) in by_team.items()))


def units_of(response):
    return {part.name: part.words if not part.hidden else "hidden" for part in response.context["page"].units}


def test_answers_of_few_are_shown_nowhere(root):
    answers(root, Big=(8, 10), Other=(5, 10), Small=(1, 4), Tiny=(1, 2))
    client = signed_in(make_person(Role.CAIO, unit=root))

    page = get(client, "kpi_detail", "stakeholder_satisfaction", month="2026-10")
    export = get(client, "export_kpi", "stakeholder_satisfaction", month="2026-10").getvalue().decode()

    assert page.context["reading"].value_words == "57.7%"
    assert units_of(page) == {"Big": "80%", "Other": "50%", "Small": "hidden", "Tiny": "hidden"}
    assert [line for line in export.splitlines() if "Tiny" in line] == ['"Unit","Tiny","","","",""']
    assert get(client, "kpi_rows", "stakeholder_satisfaction", month="2026-10").context["rows"] == []


def test_one_small_group_cannot_be_worked_out_from_the_rest(root):
    answers(root, Big=(8, 10), Medium=(5, 6), Small=(1, 4))
    client = signed_in(make_person(Role.CAIO, unit=root))

    page = get(client, "kpi_detail", "stakeholder_satisfaction", month="2026-10")

    assert units_of(page) == {"Big": "80%", "Medium": "hidden", "Small": "hidden"}


def test_a_small_unit_has_no_value_of_its_own(root):
    answers(root, Big=(8, 10), Small=(1, 4))
    client = signed_in(make_person(Role.CAIO, unit=root))
    small = root.children.get(name="Small")

    page = get(client, "kpi_detail", "stakeholder_satisfaction", month="2026-10", unit=small.pk)

    reading = page.context["reading"]
    assert (reading.value, reading.sums.num, reading.sums.n, reading.numbers) == (None, 0, 0, ())


# --- versions -----------------------------------------------------------------------------------------------------


def test_the_versions_of_a_definition_stand_with_what_changed(root):
    observe(root, "2026-10-31,training,9,10,,,a")
    rollups.record_versions()
    now = KpiVersion.objects.get(kpi="training_completion")
    text = now.document["text"] | {"version": 0, "number": 24, "numerator": "Rows that say so", "window": "month"}
    KpiVersion.objects.create(
        kpi=now.kpi, number=0, document={"definition": {}, "text": text | {"version": 1}}, valid_from=date(2026, 1, 1)
    )
    client = signed_in(make_person(Role.CAIO, unit=root))

    page = get(client, "kpi_detail", "training_completion", month="2026-10")
    old = get(client, "kpi_detail", "training_completion", month="2026-10", version="0")

    newest, oldest = page.context["page"].versions
    assert (newest.number, newest.until, oldest.since, oldest.until) == (1, None, date(2026, 1, 1), now.valid_from)
    assert any(change.startswith("Numerator: “Rows that say so” became “") for change in newest.changes)
    assert oldest.changes == ()
    assert old.context["kpi"].numerator == "Rows that say so"
    assert get(client, "kpi_detail", "training_completion", version="7").status_code == 404


# --- stages and notes ---------------------------------------------------------------------------------------------


def test_a_kpi_is_told_by_stage(root):
    pilot = make_use_case(root, (Stage.PILOT, MAY))
    running = make_use_case(root, (Stage.PRODUCTION, MAY))
    observe(root, f"2026-10-31,service_requests,9,10,,{pilot.ref},a",
            f"2026-10-31,service_requests,199,200,,{running.ref},b")  # fmt: skip

    page = get(signed_in(make_person(Role.CAIO, unit=root)), "kpi_detail", "service_availability", month="2026-10")

    assert [(part.stage, part.words) for part in page.context["page"].stages] == [
        (Stage.PILOT, "90%"), (Stage.PRODUCTION, "99.5%"),
    ]  # fmt: skip


def test_a_note_is_written_read_and_taken_back(root):
    author, reader = make_person(Role.OWNER, unit=root), make_person(Role.AUDITOR, unit=root)
    client = signed_in(author)
    typed = {"unit": root.pk, "month": "2026-10", "text": " The courses moved to November. "}

    written = client.post(reverse("kpis:annotate", args=["training_completion"]), typed)
    note = KpiNote.objects.get()
    page = get(signed_in(reader), "kpi_detail", "training_completion", month="2026-10")
    taken = client.post(reverse("kpis:remove_note", args=[note.pk]))

    assert (written.status_code, taken.status_code) == (302, 302)
    assert (note.unit, note.month, note.text) == (root, date(2026, 10, 1), "The courses moved to November.")
    assert page.context["notes"] == [("1", note)]
    assert [(mark.at, mark.label, mark.words) for mark in page.context["chart"].marks] == [
        (23, "1", "October 2026: The courses moved to November.")
    ]
    assert get(client, "kpi_detail", "training_completion").context["notes"] == []
    actions = AuditEvent.objects.filter(action__startswith="note.").order_by("pk")
    assert [event.action for event in actions] == ["note.written", "note.removed"]


def test_who_may_not_annotate(root):
    typed = {"unit": root.pk, "month": "2026-10", "text": "x"}
    url = reverse("kpis:annotate", args=["training_completion"])
    note = KpiNote.objects.create(
        kpi="training_completion", unit=root, month=date(2026, 10, 1), text="x",
        written_by=make_person(Role.CAIO, unit=root),
    )  # fmt: skip

    assert signed_in(make_person(Role.AUDITOR, unit=root)).post(url, typed).status_code == 403
    other = signed_in(make_person(Role.OWNER, unit=root))
    assert other.post(url, typed | {"text": "  "}).status_code == 302
    assert other.post(reverse("kpis:remove_note", args=[note.pk])).status_code == 403
    elsewhere = signed_in(make_person(Role.CAIO, unit=make_unit("Elsewhere")))
    assert elsewhere.post(reverse("kpis:remove_note", args=[note.pk])).status_code == 404
    assert KpiNote.objects.filter(removed_at=None).count() == 1
