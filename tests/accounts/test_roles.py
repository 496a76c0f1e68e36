from datetime import timedelta

import pytest

from caio_portal.accounts import selectors, services
from caio_portal.accounts.access import policy
from caio_portal.accounts.models import Notice, RoleGrant, User
from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import Invalid
from caio_portal.common.models import Job
from tests.factories import make_person, make_unit


def test_a_role_holds_for_the_unit_and_all_below(db, django_assert_num_queries):
    root = make_unit()
    child = make_unit(parent=root)
    grandchild, other = make_unit(parent=child), make_unit(parent=root)
    user = make_person(Role.OWNER, unit=child)

    with django_assert_num_queries(1):
        roles = selectors.roles_of(user)
        roles = selectors.roles_of(user)

    assert roles.unit_ids(Role.OWNER) == {child.pk, grandchild.pk}
    assert [roles.has(Role.OWNER, unit=unit.pk) for unit in (root, child, grandchild, other)] == [
        False,
        True,
        True,
        False,
    ]
    assert (roles.has(Role.CAIO), roles.everywhere(Role.OWNER)) == (False, False)


def test_a_path_that_only_begins_alike_is_not_below(db):
    units = [make_unit() for _ in range(12)]  # among them 1. and 10., or the like
    for unit in units:
        user = make_person(Role.OWNER, unit=unit)
        assert selectors.roles_of(user).unit_ids(Role.OWNER) == {unit.pk}


def test_a_role_counts_from_its_first_to_its_last_day(db):
    unit, user, today = make_unit(), make_person(), clock.today()
    grant = services.grant_role(user, unit, Role.OWNER, by=None, starts_on=today + timedelta(days=1))

    before = selectors.roles_of(User.objects.get(pk=user.pk)).names
    RoleGrant.objects.filter(pk=grant.pk).update(starts_on=today, ends_on=today)
    during = selectors.roles_of(User.objects.get(pk=user.pk)).names
    RoleGrant.objects.filter(pk=grant.pk).update(starts_on=today - timedelta(days=2), ends_on=today - timedelta(days=1))
    after = selectors.roles_of(User.objects.get(pk=user.pk)).names

    assert (before, during, after) == (frozenset(), {"owner"}, frozenset())


def test_functions_are_those_of_the_unit(db):
    unit, other = make_unit(), make_unit()
    user = make_person(Role.REVIEWER, unit=unit, function="privacy")

    roles = selectors.roles_of(user)

    assert (roles.functions(unit.pk), roles.functions(other.pk), roles.functions()) == (
        {"privacy"},
        frozenset(),
        {"privacy"},
    )


def test_people_with_finds_holders_above_the_unit(db):
    root = make_unit()
    child = make_unit(parent=root)
    above, below = make_person(Role.CAIO, unit=root), make_person(Role.CAIO, unit=child)
    make_person(Role.CAIO, unit=make_unit())

    assert selectors.people_with(Role.CAIO, unit=child) == [above, below]
    assert selectors.people_with(Role.CAIO, unit=root) == [above]


def test_grant_role_twice_grants_once(db):
    unit, user, by = make_unit(), make_person(), make_person()

    first, second = (services.grant_role(user, unit, Role.OWNER, by=by) for _ in range(2))

    assert first == second
    assert AuditEvent.objects.filter(action="role.granted").count() == 1


def test_end_role_is_recorded(db):
    user, by = make_person(Role.OWNER), make_person()

    services.end_role(RoleGrant.objects.get(user=user).pk, by=by)

    event = AuditEvent.objects.get(action="role.ended")
    assert (event.actor_id, event.subject_id) == (by.pk, str(user.pk))


def test_two_accounts_of_one_address_are_refused(db):
    services.create_user("Ada@Example.com", "Ada", by=None)

    with pytest.raises(Invalid, match="already an account"):
        services.create_user("ada@example.com", "Ada Again", by=None)


def test_notify_writes_a_notice_and_a_mail_job_for_each_person_once(db):
    ada, bob = make_person(), make_person()

    services.notify([ada, bob, ada], ada, "Your turn.", "/")

    assert sorted(Notice.objects.values_list("user", "text")) == [(ada.pk, "Your turn."), (bob.pk, "Your turn.")]
    assert Job.objects.filter(kind="accounts.mail_notice").count() == 2


def test_notify_about_the_past_sends_no_mail(db):
    with clock.at(clock.now() - timedelta(days=90)):
        services.notify([make_person()], make_person(), "Your turn.", "/")

    assert (Notice.objects.count(), Job.objects.count()) == (1, 0)


def test_a_policy_names_somebody():
    with pytest.raises(ValueError, match="at least one role"):
        policy()


def test_a_new_tree_is_overseen_by_those_who_oversee_a_tree(db):
    root = make_unit()
    caio, owner = make_person(Role.CAIO, unit=root), make_person(Role.OWNER, unit=root)
    below = make_person(Role.CAIO, unit=make_unit(parent=root))

    tree = services.create_tree("Federal inventory", by=None)

    seen = [
        tree.pk in selectors.roles_of(User.objects.get(pk=user.pk)).unit_ids(*Role) for user in (caio, owner, below)
    ]
    assert seen == [True, False, False]
