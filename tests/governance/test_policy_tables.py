from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from governance.models import PolicyState, PolicyVersion, Tiering
from governance.policy import shipped

pytestmark = pytest.mark.django_db


def test_the_shipped_policy_is_in_force_after_migration():
    version = PolicyVersion.objects.in_force().get()

    assert version.number == shipped().number
    assert version.policy == shipped()


@pytest.mark.parametrize("change", [{"document": {}}, {"number": "2030-01"}, {"valid_from": date(2020, 1, 1)}])
def test_a_published_policy_is_not_changed(change):
    with pytest.raises(IntegrityError, match="not changed"), transaction.atomic():
        PolicyVersion.objects.update(**change)


def test_a_published_policy_stays():
    with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
        PolicyVersion.objects.all().delete()


def test_two_policies_are_never_in_force_at_once():
    start = shipped().valid_from + timedelta(days=30)
    twin = {"document": {}, "sha256": "0", "published_at": timezone.now(), "valid_from": start}

    with pytest.raises(IntegrityError, match="policy_version_one_in_force"), transaction.atomic():
        PolicyVersion.objects.create(number="2026-12", state=PolicyState.PUBLISHED, **twin)


def test_tierings_only_grow():
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Tiering.objects.update(tier=1)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Tiering.objects.all().delete()
