"""What most tests of the portfolio begin with."""

import pytest

from caio_portal.accounts.roles import Role
from tests.factories import make_person, make_unit


@pytest.fixture
def unit():
    return make_unit()


@pytest.fixture
def office(unit):
    return make_person(Role.CAIO_OFFICE, unit=unit)


@pytest.fixture
def requester(unit):
    return make_person(Role.REQUESTER, unit=unit)
