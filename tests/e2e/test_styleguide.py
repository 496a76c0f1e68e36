"""The components in a real browser: accessible in every look, quick with htmx, complete without JavaScript."""

from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import expect

from caio_portal.accounts.roles import Role
from tests.factories import make_person, signed_in

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def cookies(live_server, theme="light"):
    session = signed_in(make_person(Role.CAIO_OFFICE)).cookies[settings.SESSION_COOKIE_NAME].value
    values = {settings.SESSION_COOKIE_NAME: session, "theme": theme}
    return [{"name": name, "value": value, "url": live_server.url} for name, value in values.items()]


@pytest.fixture
def guide(page, live_server):
    page.context.add_cookies(cookies(live_server))
    page.goto("/styleguide/")
    return page


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_every_component_is_accessible_in_every_look(page, live_server, axe, width, theme):
    page.context.add_cookies(cookies(live_server, theme))
    page.set_viewport_size({"width": width, "height": 900})

    page.goto("/styleguide/")

    assert page.locator("html").get_attribute("data-theme") == theme
    assert page.evaluate(OVERFLOW) == 0
    assert axe(page) == []


@pytest.mark.parametrize("path", ["/account/login/", "/account/2fa/", "/account/password/change/", "/nowhere/"])
@pytest.mark.parametrize(("width", "theme"), [LOOKS[0], LOOKS[3]])
def test_the_pages_of_the_frame_are_accessible(page, live_server, axe, path, width, theme):
    if path != "/account/login/":
        page.context.add_cookies(cookies(live_server, theme))
    page.set_viewport_size({"width": width, "height": 900})

    page.goto(path)

    assert page.evaluate(OVERFLOW) == 0
    assert axe(page) == []


def test_explore_draws_the_chart_and_asks_nobody_else(guide, axe):
    asked = []
    guide.on("request", lambda request: asked.append(urlsplit(request.url).hostname))
    button = guide.locator("#chart-value [data-explore]")

    button.click()
    guide.locator("#modal .main-svg").first.wait_for()

    assert guide.locator("#modal-title").inner_text() == "Value against residual risk"
    assert guide.evaluate("document.activeElement.id") == "modal-title"
    assert guide.locator("#modal [data-title*='Cloud']").count() == 0
    assert set(asked) == {urlsplit(guide.url).hostname}
    assert [line for line in axe(guide) if "plotly" not in line and "main-svg" not in line] == []
    guide.keyboard.press("Escape")
    assert guide.evaluate("document.activeElement.closest('figure').id") == "chart-value"


def test_every_kind_of_chart_can_be_explored(guide):
    for chart in ("tiers", "controls", "units"):
        guide.locator(f"#chart-{chart} [data-explore]").click()
        guide.locator("#modal .main-svg .trace").first.wait_for(state="attached")
        guide.get_by_role("button", name="Close").first.click()


def test_a_list_answers_while_one_types_and_keeps_a_clean_address(guide):
    guide.locator("#kinds-q").press_sequentially("job", delay=20)
    guide.wait_for_url("**/styleguide/?q=job")

    expect(guide.locator("#kinds tbody tr")).to_have_count(1)
    expect(guide.locator("#kinds-q")).to_be_focused()
    guide.locator("#kinds .chip").click()
    guide.wait_for_url("**/styleguide/")


def test_a_facet_menu_stays_open_while_one_chooses(guide):
    guide.locator("#kinds-app_label-button").click()
    guide.locator("#kinds-app_label-2").check()
    guide.wait_for_url("**/styleguide/?app_label=common")

    expect(guide.locator("#kinds-app_label")).to_be_visible()
    guide.locator("#kinds-app_label-1").check()
    guide.wait_for_url("**/?app_label=accounts&app_label=common")
    expect(guide.locator("#kinds .chip")).to_have_count(2)


def test_sorting_goes_into_the_history(guide):
    first = guide.locator("#kinds tbody th").first.text_content()

    guide.locator("#kinds thead a", has_text="Number").click()
    guide.wait_for_url("**/styleguide/?sort=-pk")
    expect(guide.locator("#kinds th[aria-sort]")).to_have_attribute("aria-sort", "descending")
    guide.go_back()
    guide.wait_for_url("**/styleguide/")

    expect(guide.locator("#kinds tbody th").first).to_have_text(first)


def test_colours_change_at_once_and_stay(guide):
    guide.locator("[data-theme-toggle]").click()
    expect(guide.locator("html")).to_have_attribute("data-theme", "dark")

    guide.reload()

    expect(guide.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_drawer_and_the_user_menu(page, live_server, axe):
    page.context.add_cookies(cookies(live_server))
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/styleguide/")
    assert not page.locator("#side").is_visible()

    page.get_by_role("button", name="Menu", exact=True).first.click()
    assert page.get_by_role("link", name="Home").first.is_visible()
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="your account").click()

    assert page.get_by_role("button", name="Sign out").is_visible()
    assert axe(page) == []


def test_a_dialog_on_the_page_opens_and_closes(guide, axe):
    guide.get_by_role("button", name="Open a dialog").click()
    assert guide.locator("#guide-dialog").is_visible()
    assert axe(guide) == []

    guide.get_by_role("button", name="Keep it").click()

    assert not guide.locator("#guide-dialog").is_visible()


def test_without_javascript_lists_and_colours_work(browser, live_server):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies(cookies(live_server))
    page = context.new_page()
    page.goto("/styleguide/")

    page.locator("#kinds-q").fill("job")
    page.locator("#kinds .no-script").click()
    expect(page.locator("#kinds tbody tr")).to_have_count(1)
    page.locator("[data-theme-toggle]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    assert urlsplit(page.url).query.startswith("q=job")
    context.close()
