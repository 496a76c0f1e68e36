"""What a page offers opens for whoever it is offered to."""

import re
from collections import Counter

import pytest

from caio_portal.accounts.models import Notice
from caio_portal.accounts.roles import Role
from tests.factories import make_person, signed_in
from tests.governance.scene import make_scene

pytestmark = pytest.mark.django_db
LINK = re.compile(r'<a\b[^>]*?\bhref="(/[^"#]*)')
ID = re.compile(r'\sid="([^"]+)"')
ELSEWHERE = ("/static/", "/account/")


@pytest.fixture
def scene():
    scene = make_scene()
    decided = scene.on_vote(3)
    scene.vote(decided, legal="approve", ciso="approve", data="approve")
    scene.review(3)
    scene.use_case(2)
    return scene


PEOPLE = {
    "requester": lambda scene: scene.requester,
    "owner": lambda scene: scene.owner,
    "reviewer": lambda scene: scene.reviewer("legal"),
    "member": lambda scene: scene.members["legal"],
    "chief": lambda scene: scene.caio,
    "office": lambda scene: scene.office,
    "executive": lambda scene: scene.executive,
    **{
        role.value: lambda scene, role=role: make_person(role, unit=scene.unit)
        for role in (Role.VENDOR_MANAGER, Role.AUDITOR, Role.ADMINISTRATOR)
    },
}


@pytest.mark.parametrize("who", PEOPLE)
def test_every_link_of_every_page_opens(scene, who):
    client = signed_in(PEOPLE[who](scene))
    found = {"/": "the address bar"}
    opened: set[str] = set()
    wrong = []
    for _ in range(3):
        for address in found.keys() - opened:
            opened.add(address)
            answer = client.get(address.replace("&amp;", "&"), follow=True)
            body = b"".join(answer).decode(errors="replace") if "html" in answer.headers["Content-Type"] else ""
            wrong += [(address, found[address], answer.status_code)] if answer.status_code >= 400 else []
            wrong += [(address, "has twice", name) for name, count in Counter(ID.findall(body)).items() if count > 1]
            links = (link for link in LINK.findall(body) if not link.startswith(ELSEWHERE) and "?" not in link)
            found = dict.fromkeys(links, address) | found

    assert not wrong, "\n".join(map(str, wrong))


def test_every_notice_leads_to_a_page_that_opens(scene):
    notices = list(Notice.objects.select_related("user"))

    answers = {(n.user.name, n.url, n.text): signed_in(n.user).get(n.url).status_code for n in notices}

    assert len(answers) == len(notices) > 5
    assert [each for each, status in answers.items() if status != 200] == []
