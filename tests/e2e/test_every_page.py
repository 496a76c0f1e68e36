"""Every page once, in a browser: nothing for axe-core to find, nothing for the console to say, nothing too wide."""

from itertools import cycle

import pytest

from caio_portal.accounts.access import PUBLIC
from caio_portal.accounts.roles import Role
from tests.access import READ, WHO_MAY, address
from tests.factories import make_person, make_unit, signed_in

LOOKS = [(1440, "light"), (390, "dark"), (1440, "dark"), (390, "light")]
GROUPS = 6


@pytest.mark.parametrize("group", range(GROUPS))
def test_every_page_is_clean(transactional_db, page, axe, live_server, group):
    unit = make_unit("Company")
    user = make_person(*Role.values, unit=unit)
    client = signed_in(user)
    wrong = []
    for name, (width, scheme) in zip(READ[group::GROUPS], cycle(LOOKS[group % 4 :] + LOOKS[: group % 4]), strict=False):
        url = address(name, unit, user)
        answer = client.get(url)
        body = b"".join(answer)
        answer.close()
        if b"<html" not in body:
            continue  # a file or a fragment, not a page
        cookie = {"name": "session", "value": client.cookies["session"].value, "url": live_server.url}
        page.context.add_cookies([cookie] if WHO_MAY[name] != PUBLIC else [])
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        answer = page.goto(url)
        if answer.status >= 400:
            wrong.append((name, answer.status))
        wrong += [(name, width, scheme, violation) for violation in axe(page)]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wrong.append((name, width, "is wider than the window"))

    assert not wrong, "\n".join(str(each) for each in wrong)
