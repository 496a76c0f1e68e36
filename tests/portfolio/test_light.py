"""The light lane: a minute for what is approved, time and an alternative for what is not."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from caio_portal.accounts.models import Notice
from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed
from portfolio import home, services
from portfolio.light import access, catalogue, tables
from portfolio.models import CommonUse, Tool
from tests.factories import make_person, make_unit, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme():
    return make_unit("Acme")


@pytest.fixture
def sales(acme):
    return make_unit("Sales", acme)


@pytest.fixture
def office(acme):
    return make_person(Role.CAIO_OFFICE, unit=acme)


@pytest.fixture
def requester(sales):
    return make_person(Role.REQUESTER, unit=sales)


@pytest.fixture
def client(requester):
    return signed_in(requester)


def tool_of(unit, by, name="Quill", **fields):
    today = clock.today()
    given = {"terms": "No secrets.", "approved_on": today, "review_on": today + timedelta(days=365), "uses": ["g", "h"]}
    return services.save_tool(Tool(name=name, unit=unit, **{**given, **fields}), by=by)


@pytest.fixture
def quill(acme, office):
    return tool_of(acme, office)


def declare(unit, by, use="g", users=5, **fields):
    return services.declare_common_use(unit.pk, use, by=by, users=users, **fields)


def typed(unit, **changes):
    return {"use": "g", "unit": unit.pk, "users": "12", "licences": "", "within_limits": "on", **changes}


def actions() -> list[str]:
    found = AuditEvent.objects.filter(subject_type__in=["portfolio.tool", "portfolio.commonuse"])
    return list(found.order_by("pk").values_list("action", flat=True))


def test_the_list_is_that_of_omb():
    found = catalogue.load()

    assert "".join(found.uses) == "abcdefghijklmnopqrst"
    assert len(found.limits) == 4


def test_an_approved_tool_is_declared_in_a_minute(client, sales, quill):
    response = client.post(reverse("portfolio:declare_common_use"), typed(sales, tool=quill.pk, licences="20"))

    common_use = CommonUse.objects.get()
    assert response.url == common_use.get_absolute_url()
    assert (common_use.tool, common_use.users, common_use.licences, common_use.settle_by) == (quill, 12, 20, None)
    assert not Notice.objects.exists()
    assert actions() == ["tool.approved", "common_use.declared"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"use": ""}, "use"),
        ({"use": "z"}, "use"),
        ({"users": "0"}, "users"),
        ({"users": "many"}, "users"),
        ({"licences": "-1"}, "licences"),
        ({"tool": ""}, "product"),
        ({"use": "c"}, "tool"),
        ({"within_limits": ""}, "within_limits"),
        ({"unit": ""}, "unit"),
    ],
)
def test_what_cannot_be_declared_comes_back_as_it_was_typed(client, sales, quill, changes, field):
    sent = {**typed(sales), "tool": quill.pk, **changes}

    response = client.post(reverse("portfolio:declare_common_use"), sent)

    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert all((response.context["form"][name].value() or "") == value for name, value in changes.items())
    assert not CommonUse.objects.exists()


def test_a_tool_of_another_unit_is_not_offered(client, sales, office, acme):
    foreign = tool_of(make_unit("Research", acme), office, name="Lens")

    response = client.post(reverse("portfolio:declare_common_use"), typed(sales, tool=foreign.pk))

    assert list(response.context["form"].errors) == ["tool"]


def test_declared_again_the_figures_are_replaced(sales, requester, quill):
    first = declare(sales, requester, tool=quill)
    again = declare(sales, requester, tool=quill, users=9, licences=10)

    assert (again.pk, again.users, again.licences) == (first.pk, 9, 10)
    assert actions() == ["tool.approved", "common_use.declared", "common_use.changed"]


def test_a_product_that_nobody_approved_may_go_on_for_a_while(sales, requester, office):
    common_use = declare(sales, requester, product=" Chatty  ")

    assert (common_use.product, common_use.settle_by) == ("Chatty", clock.today() + timedelta(days=60))
    assert [(notice.user, notice.url) for notice in Notice.objects.all()] == [(office, common_use.get_absolute_url())]


def test_what_is_to_be_settled_is_work_of_both(sales, requester, office):
    common_use = declare(sales, requester, product="Chatty")

    with clock.at(clock.now() + timedelta(days=90)):
        [[own], [of_office]] = home.my_work(requester), home.my_work(office)

    assert (own.kind, own.due_on, own.overdue) == ("Put in order", common_use.settle_by, True)
    assert (of_office.kind, of_office.url) == ("Approve or replace", common_use.get_absolute_url())


def test_the_page_offers_what_is_approved_for_the_same(client, sales, requester, quill, acme, office):
    tool_of(acme, office, name="Scribe", uses=["c"])
    common_use = declare(sales, requester, product="Chatty")

    page = client.get(common_use.get_absolute_url())

    assert page.context["alternatives"] == [quill]
    assert "nobody is blamed" in page.content.decode()


def test_changing_to_an_approved_tool_settles_it(client, sales, requester, quill):
    common_use = declare(sales, requester, product="Chatty")

    client.post(reverse("portfolio:switch_common_use", args=[common_use.pk, quill.pk]))

    common_use.refresh_from_db()
    assert (common_use.tool, common_use.product, common_use.settle_by) == (quill, "", None)
    assert actions()[-1] == "common_use.switched"


def test_changing_to_a_tool_that_is_declared_already_adds_up(sales, requester, quill):
    known = declare(sales, requester, tool=quill, users=5, licences=4)
    other = declare(sales, requester, product="Chatty", users=2, licences=1)

    kept = services.switch_common_use(other.pk, quill, by=requester)

    other.refresh_from_db()
    assert (kept.pk, kept.users, kept.licences) == (known.pk, 7, 5)
    assert other.ended_at is not None


def test_a_tool_does_not_serve_every_use(sales, requester, quill):
    common_use = declare(sales, requester, use="c", product="Chatty")

    with pytest.raises(NotAllowed, match="is not approved for"):
        services.switch_common_use(common_use.pk, quill, by=requester)


def test_approving_a_product_settles_whoever_uses_it(acme, sales, requester, office):
    common_use = declare(sales, requester, product="chatty")
    elsewhere = make_unit("Elsewhere")
    foreign = declare(elsewhere, make_person(Role.REQUESTER, unit=elsewhere), product="Chatty")

    tool = tool_of(acme, office, name="Chatty")

    common_use.refresh_from_db()
    foreign.refresh_from_db()
    assert (common_use.tool, foreign.tool) == (tool, None)
    assert Notice.objects.latest("pk").user == requester


def test_a_tool_that_ends_gives_time_to_change(sales, requester, office, quill):
    common_use = declare(sales, requester, tool=quill)

    signed_in(office).post(reverse("portfolio:end_tool", args=[quill.pk]), {"reason": "Bought up"})

    common_use.refresh_from_db()
    assert (common_use.tool, common_use.product) == (None, "Quill")
    assert common_use.settle_by == clock.today() + timedelta(days=60)
    assert "Quill is no approved tool any more (Bought up)" in Notice.objects.get().text
    assert access.tools_for(sales, "g") == []


def test_a_tool_is_not_ended_without_a_reason(office, quill):
    response = signed_in(office).post(reverse("portfolio:end_tool", args=[quill.pk]), {"reason": ""})

    assert (response.status_code, Tool.objects.get().ended_at) == (422, None)


@pytest.mark.parametrize(
    ("changes", "field"), [({"name": "Quill"}, "name"), ({"review_on": date(2020, 1, 1)}, "review_on")]
)
def test_a_tool_that_cannot_be_is_refused(acme, office, quill, changes, field):
    with pytest.raises(Invalid) as refusal:
        tool_of(acme, office, **{"name": "Other", **changes})

    assert refusal.value.field == field


def test_only_the_office_approves(acme, sales, requester):
    with pytest.raises(NotAllowed, match="Only the CAIO office of Acme"):
        tool_of(acme, requester)


def test_the_office_approves_and_changes_on_a_page(acme, office):
    client = signed_in(office)
    sent = {"name": "Quill", "unit": acme.pk, "uses": ["g"], "terms": "No secrets.", "approved_on": "2026-01-05",
            "review_on": "2027-01-05"}  # fmt: skip

    made = client.post(reverse("portfolio:new_tool"), sent)
    tool = Tool.objects.get()
    changed = client.post(reverse("portfolio:edit_tool", args=[tool.pk]), {**sent, "licences": "50"})

    tool.refresh_from_db()
    assert (made.url, changed.url, tool.licences) == (tool.get_absolute_url(), tool.get_absolute_url(), 50)
    assert actions() == ["tool.approved", "tool.changed"]


def test_others_do_not_change_or_end_it(sales, requester, quill):
    common_use = declare(sales, requester, tool=quill)
    client = signed_in(make_person(Role.AUDITOR, unit=sales))

    answers = [
        client.post(reverse("portfolio:change_common_use", args=[common_use.pk]), {"users": 1}),
        client.post(reverse("portfolio:end_common_use", args=[common_use.pk])),
        client.post(reverse("portfolio:switch_common_use", args=[common_use.pk, quill.pk])),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_figures_are_changed_and_the_use_ends(client, sales, requester, quill):
    common_use = declare(sales, requester, tool=quill)

    wrong = client.post(reverse("portfolio:change_common_use", args=[common_use.pk]), {"users": "x"})
    client.post(reverse("portfolio:change_common_use", args=[common_use.pk]), {"users": "8"})
    client.post(reverse("portfolio:end_common_use", args=[common_use.pk]))

    common_use.refresh_from_db()
    assert (wrong.status_code, common_use.users) == (422, 8)
    assert common_use.ended_at is not None
    assert client.get(reverse("portfolio:common_use_list")).context["table"].total == 0


def test_consolidated_list(acme, sales, requester, quill):
    declare(sales, requester, tool=quill, users=5, licences=8)
    declare(sales, requester, product="Chatty", users=3)

    rows = tables.consolidated(acme, CommonUse.objects.select_related("unit", "tool"))

    assert len(rows) == 20
    assert rows[6] == ("Acme", "First drafts of documents and messages", "Y", "Chatty; Quill", "11")
    assert rows[0] == ("Acme", "Scheduling meetings and reminders", "N", "", "")


def test_the_consolidated_list_is_a_file(client, sales, requester, quill):
    declare(sales, requester, tool=quill)

    lines = client.get(reverse("portfolio:export_common_uses")).getvalue().decode("utf-8-sig").splitlines()

    assert lines[0] == ",".join(f'"{head}"' for head in tables.OMB_HEADS)
    assert lines[7] == '"Sales","First drafts of documents and messages","Y","Quill","5"'


@pytest.mark.parametrize("rows", [1, 3])
def test_query_counts(client, sales, requester, acme, office, rows, django_assert_num_queries):
    for number in range(rows):
        declare(sales, requester, tool=tool_of(acme, office, name=f"Tool {number}"))
    client.get(reverse("portfolio:tool_list"))

    with django_assert_num_queries(7):  # session, user, roles, notices, rows, number, facets
        client.get(reverse("portfolio:common_use_list"))
    with django_assert_num_queries(5):  # session, user, roles, notices, tools with their users
        client.get(reverse("portfolio:tool_list"))
