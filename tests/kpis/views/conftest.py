"""One company, its CAIO office, and a day in the middle of a month of which October is the last that is over."""

from datetime import UTC, datetime

import pytest

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from tests.factories import make_person, make_unit


@pytest.fixture
def mid_november():
    with clock.at(datetime(2026, 11, 15, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def root():
    return make_unit("Northwind")


@pytest.fixture
def office(root):
    return make_person(Role.CAIO_OFFICE, unit=root)
