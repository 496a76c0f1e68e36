from datetime import date

import pytest
from django import forms
from django.template import Context, Template

from caio_portal.accounts.models import OrgUnit
from caio_portal.accounts.roles import Role
from caio_portal.common import marks, nav
from tests.factories import make_person, signed_in


def render(source, **context):
    return Template(source).render(Context(context))


@pytest.mark.parametrize("key", marks.STATUSES)
def test_a_status_has_an_icon_and_words(key):
    tone, icon, words = marks.STATUSES[key]

    html = render("{% status key %}", key=key)

    assert f"mark-{tone}" in html
    assert f"#{icon}" in html
    assert words in html


def test_an_unknown_status_is_no_data():
    assert "No data" in render("{% status 'x' %}")


@pytest.fixture
def words_for_tiers(monkeypatch):
    asked = []
    monkeypatch.setattr(marks.tier_labels, "providers", [lambda: asked.append(1) or {3: "High", 5: "Prohibited"}])
    return asked


def test_tiers_take_their_words_from_the_policy_and_ask_once_a_page(words_for_tiers):
    html = render("{% for n in numbers %}{% tier n %}{% endfor %}", numbers=[3, 5, 3])

    assert (html.count("High"), html.count("Prohibited"), len(words_for_tiers)) == (2, 1, 1)


def test_a_provisional_tier_says_so(words_for_tiers):
    html = render("{% tier 3 provisional=True %}")

    assert "tier-provisional" in html
    assert "<small>provisional</small>" in html


def test_no_tier_is_not_yet_known():
    assert "Not yet known" in render("{% tier None %}")


def test_a_paused_stage_is_marked():
    assert render("{% stage 'pilot' paused=True %}").count("Paused") == 1
    assert "Not stated" in render("{% stage None %}")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% money 61400000 short=True %}", "$61.4M"),
        ("{{ 3611|number }}", "3,611"),
        ("{{ 0.5|percent }}", "50%"),
        ("{% plural 2 'vote' %}", "2 votes"),
        ("{% day d %}", '<time datetime="2026-11-03">3 Nov 2026</time>'),
        ("{% day none %}", "–"),
        ("{% ago none %}", "–"),
    ],
)
def test_words(source, expected):
    assert render(source, d=date(2026, 11, 3), none=None) == expected


def test_a_card_escapes_its_title_and_keeps_its_content():
    html = render("{% card title=title %}<p>{{ text }}</p>{% endcard %}", title="<x>", text="<y>")

    assert "&lt;x&gt;" in html
    assert "<p>&lt;y&gt;</p>" in html


class _Form(forms.Form):
    title = forms.CharField(help_text="Short.")
    human = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect)

    def clean(self):
        raise forms.ValidationError("These do not go together.")


def test_a_wrong_form_starts_with_a_summary_that_leads_to_its_fields():
    html = str(_Form({"human": "x"}))

    assert html.index("data-error-summary") < html.index("<input")
    assert '<a href="#id_title">Title: This field is required.</a>' in html
    assert "These do not go together." in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_helptext"' in html
    assert 'id="id_title_error"' in html


def test_choices_stand_in_a_fieldset_with_a_legend():
    html = str(_Form())

    assert '<fieldset class="field field-radioselect"' in html
    assert "<legend" in html
    assert "data-error-summary" not in html


def test_navigation_offers_what_a_policy_admits(db, rf):
    request = rf.get("/audit/")
    labels = {}
    for role in (Role.REQUESTER, Role.AUDITOR):
        request.user = make_person(role)
        labels[role] = {link.label: link.is_current for group in nav.groups(request) for link in group.links}

    assert "Audit" not in labels[Role.REQUESTER]
    assert (labels[Role.AUDITOR]["Audit"], labels[Role.AUDITOR]["Home"]) == (True, False)


@pytest.mark.parametrize(("asked", "kept"), [("dark", "dark"), ("light", "light"), ("system", ""), ("<x>", "")])
def test_set_theme_remembers_and_goes_back(client, asked, kept):
    response = client.post("/theme/", {"theme": asked, "next": "/vendors/"})

    assert (response.status_code, response["Location"]) == (302, "/vendors/")
    assert response.cookies["theme"].value == kept


def test_set_theme_never_leads_away(client):
    assert client.post("/theme/", {"theme": "dark", "next": "https://evil.example/"})["Location"] == "/"


def test_the_server_renders_the_theme(db):
    client = signed_in(make_person())
    client.cookies["theme"] = "dark"

    assert b'<html lang="en" data-theme="dark">' in client.get("/").content
    client.cookies["theme"] = '"><script>'
    assert b'<html lang="en">' in client.get("/").content


def test_the_style_guide_and_its_list(db, django_assert_max_num_queries):
    client = signed_in(make_person(Role.CAIO_OFFICE))

    with django_assert_max_num_queries(12):
        page = client.get("/styleguide/")
    part = client.get("/styleguide/?app_label=common", headers={"HX-Request": "true", "HX-Target": "kinds"})
    file = client.get("/styleguide/?format=csv")

    assert page.status_code == 200
    assert b"data-error-summary" in page.content
    assert part.content.strip().startswith(b'<section class="list" id="kinds">')
    assert file["Content-Type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize(("required", "words"), [(True, "Choose one"), (False, "None")])
def test_an_empty_choice_says_whether_one_must_be_made(db, required, words):
    class Form(forms.Form):
        unit = forms.ModelChoiceField(OrgUnit.objects.none(), required=required)

    assert f'<option value="" selected>{words}</option>' in Form().as_div()
