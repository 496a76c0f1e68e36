"""What most tests of governance begin with."""

import pytest

from caio_portal.accounts.roles import Role
from tests.factories import make_person, make_unit
from tests.governance.scene import make_scene


@pytest.fixture
def unit():
    return make_unit()


@pytest.fixture
def owner(unit):
    return make_person(Role.OWNER, unit=unit)


@pytest.fixture
def scene():
    """A council, the people about it, and a use case to decide on."""
    return make_scene()
