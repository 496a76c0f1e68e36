import json

import pytest
from django.test import Client
from django.urls import reverse

from caio_portal.accounts.models import ApiToken, RoleGrant
from caio_portal.accounts.roles import Role
from caio_portal.common import jobs
from caio_portal.common.models import Job, JobState
from kpis.models import Observation
from tests.factories import make_person, make_unit, signed_in
from tests.kpis.factories import make_feed

pytestmark = pytest.mark.django_db
GOOD = json.dumps([{"date": "2026-09-01", "measure": "training", "num": 1, "den": 2}])


@pytest.fixture
def keeper():
    return make_person(Role.CAIO_OFFICE, unit=make_unit("Northwind"))


@pytest.fixture
def feed(keeper):
    return make_feed(
        keeper.grants.first().unit if hasattr(keeper, "grants") else RoleGrant.objects.get(user=keeper).unit
    )


@pytest.fixture
def token(keeper, feed):
    response = signed_in(keeper).post(reverse("kpis:make_token", args=[feed.pk]))
    return response.context["token"]


def push(feed, token, content=GOOD, key="one", **headers):
    given = {"Authorization": f"Bearer {token}", "Idempotency-Key": key} | headers
    return Client(enforce_csrf_checks=True).post(
        reverse("kpis:push_file", args=[feed.pk]), content, content_type="application/json", headers=given
    )


def test_a_pushed_file_is_loaded_once_for_its_key(feed, token):
    first = push(feed, token)
    jobs.run_here(first.json()["job"])
    again = push(feed, token)

    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json() == first.json() | {"state": "done", "result": again.json()["result"]}
    assert again.json()["result"]["observations"] == Observation.objects.count() == 1
    assert Job.objects.filter(kind="kpis.load_feed").count() == 1


def test_a_key_belongs_to_its_file(feed, token):
    push(feed, token)

    response = push(feed, token, GOOD.replace("1,", "2,"))

    assert (response.status_code, response.json()["error"]) == (409, "This idempotency key was used for another file.")


def test_a_file_that_cannot_be_used_is_told_with_its_row(feed, token):
    bad = GOOD.replace("training", "nothing")
    jobs.run_here(push(feed, token, bad).json()["job"])

    response = push(feed, token, bad)

    assert (response.status_code, response.json()["state"]) == (422, JobState.FAILED)
    assert "Line 1, measure: “nothing” is not a measure of the catalogue." in response.json()["error"]
    assert Observation.objects.count() == 0


@pytest.mark.parametrize("wrong", ["", "Bearer", "Bearer guess", "Basic x"])
def test_without_its_token_nothing_is_taken(feed, token, wrong):
    response = push(feed, token, Authorization=wrong)

    assert (response.status_code, response["WWW-Authenticate"], Job.objects.count()) == (401, "Bearer", 0)


def test_a_token_is_of_one_feed_and_ends_with_the_next(keeper, feed, token):
    other = make_feed(feed.unit)
    newer = signed_in(keeper).post(reverse("kpis:make_token", args=[feed.pk])).context["token"]

    assert push(other, newer).status_code == 401
    assert push(feed, token).status_code == 401
    assert push(feed, newer).status_code == 202
    assert newer not in ApiToken.objects.latest("pk").hash


def test_a_token_delivers_only_while_its_maker_may(keeper, feed, token):
    RoleGrant.objects.filter(user=keeper).update(role=Role.REQUESTER)

    assert push(feed, token).status_code == 401


@pytest.mark.parametrize(
    ("content", "key", "status"),
    [(GOOD, "", 400), (GOOD, "k" * 201, 400), ("", "one", 400), ("x" * (50 << 20 | 1), "one", 413)],
)
def test_what_is_no_delivery_is_refused(feed, token, content, key, status):
    assert push(feed, token, content, key).status_code == status


def test_the_schema_names_measures_and_what_they_need(keeper, feed):
    schema = signed_in(keeper).get(reverse("kpis:feed_schema", args=[feed.pk])).json()

    assert "training" in schema["items"]["properties"]["measure"]["enum"]
    assert schema["items"]["required"] == ["date", "measure"]
    assert {"required": ["num", "den"]} in [rule["then"] for rule in schema["items"]["allOf"]]


@pytest.mark.parametrize(
    ("kind", "required"),
    [("focus", "EffectiveCost"), ("provider", "data"), ("prometheus", "status"), ("garak", None)],
)
def test_other_kinds_have_schemas_of_their_own(keeper, feed, kind, required):
    other = make_feed(feed.unit, kind=kind)

    schema = signed_in(keeper).get(reverse("kpis:feed_schema", args=[other.pk])).json()

    assert required in {None, *schema.get("required", ()), *schema.get("items", {}).get("required", ())}
    assert schema["title"] == other.name
