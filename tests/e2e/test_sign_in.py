import pytest
from playwright.sync_api import expect

from tests.factories import make_person

PASSWORD = "a long enough sentence"


@pytest.fixture
def somebody(transactional_db):
    user = make_person("requester", name="Ada")
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


def test_somebody_signs_in_with_a_password(page, live_server, somebody):
    page.goto("/")
    page.get_by_label("Email").fill(somebody.email)
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Sign in").first.click()

    expect(page).to_have_url(f"{live_server.url}/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_home_in_a_browser_has_nothing_to_complain_of(sign_in, somebody, axe):
    page = sign_in(somebody)
    page.goto("/")

    assert axe(page) == []
