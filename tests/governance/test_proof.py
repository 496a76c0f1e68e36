"""What an auditor takes away: the proof of one decision, a sample of many, and who has read what is confidential."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.audit.verify_csv import Broken, verify_segment
from caio_portal.audit.verify_receipt import verify
from caio_portal.common import clock, files
from caio_portal.common.canonical import sha256
from governance import receipts
from governance.decisions import Choice, NamedCondition, Outcome
from governance.models import Condition, Decision, Meeting, Severity
from governance.proof import write_proof
from governance.sampling import drawn
from governance.services.approvals import decide_single
from governance.services.conditions import meet_with_new_evidence
from governance.services.controls import record_evidence
from governance.services.council import call_meeting, put_on_agenda
from governance.services.reviews import open_review, report_finding, resubmit, return_review
from governance.services.votes import cast_vote
from portfolio.services import write_facts
from tests.factories import make_person, signed_in

pytestmark = pytest.mark.django_db
LOG = NamedCondition(text="Keep logs", due_in_days=30)


@pytest.fixture
def decided(scene):
    """Returned once, decided with a condition that a file has met; something else happened in between."""
    use_case = scene.use_case()
    report = files.store("report.txt", b"All is well.", "text/plain")
    record_evidence(use_case.pk, ["C05"], "Report", by=scene.owner, file=report)
    review = open_review(use_case.pk, by=scene.requester)
    report_finding(review.pk, "legal", Severity.MAJOR, "Who?", by=scene.reviewer("legal"), finish=False)
    return_review(review.pk, "Say who.", by=scene.office)
    write_facts(use_case.pk, {"users_expected": 4000}, by=scene.owner)
    scene.review(2)
    resubmit(review.pk, by=scene.owner)
    scene.examine(review)
    cast_vote(review.pk, Choice.APPROVE_WITH_CONDITIONS, "If.", [LOG], by=scene.members["legal"])
    scene.vote(review, hr="reject", ciso="approve", data="approve")
    logs = files.ContentFile(b"one\ntwo", name="logs.txt")
    meet_with_new_evidence(Condition.objects.get().pk, by=scene.owner, title="Logs", file=logs)
    connection.check_constraints()  # the links of the trail are made at commit
    return Decision.objects.select_related("review__use_case").get(review=review)


def unpacked(decision):
    file = io.BytesIO()
    write_proof(file, decision)
    archive = zipfile.ZipFile(file)
    return {name: archive.read(name) for name in archive.namelist()}


def rows(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_the_proof_holds_all_that_was_looked_at_and_said(decided):
    found = unpacked(decided)

    assert verify(found["receipt.json"], receipts.public_key())["review"] == decided.review.ref
    snapshots = [name for name in found if name.startswith("snapshots/")]
    assert len(snapshots) == 2
    assert sha256(found[snapshots[-1]]) == decided.snapshot_hash
    assert [(row["Seat"], row["Vote"]) for row in rows(found["votes.csv"])] == [
        ("Legal", "Approve with conditions"), ("Hr", "Reject"), ("CISO", "Approve"), ("Data", "Approve"),
    ]  # fmt: skip
    assert "Who?" in [row["Found"] for row in rows(found["findings.csv"])]
    assert [row["Condition"] for row in rows(found["conditions.csv"])] == ["Keep logs"]
    assert sorted(row["Title"] for row in rows(found["evidence.csv"])) == ["Logs", "Report"]
    assert sorted(content for name, content in found.items() if name.startswith("evidence/")) == [
        b"All is well.", b"one\ntwo",
    ]  # fmt: skip


def test_the_manifest_names_every_file_by_its_hash(decided):
    found = unpacked(decided)

    manifest = json.loads(found.pop("manifest.json"))
    assert manifest == {name: sha256(content) for name, content in found.items()}


def test_the_same_decision_gives_the_same_bytes(decided):
    first, second = io.BytesIO(), io.BytesIO()
    write_proof(first, decided)
    write_proof(second, decided)

    assert first.getvalue() == second.getvalue()


def test_the_part_of_the_trail_proves_its_events_and_tells_no_others(decided):
    trail = rows(unpacked(decided)["trail.csv"])

    told, _, _ = verify_segment(trail)
    actions = [row["action"] for row in trail if row["action"]]
    assert told == len(actions) < len(trail)
    assert (actions[0], actions[-1]) == ("review.opened", "condition.met")
    assert {"review.returned", "vote.cast", "review.decided"} <= set(actions)
    other = [row for row in trail if not row["action"]]
    assert {row["payload"] + row["salt"] + row["subject_id"] for row in other} == {""}


@pytest.mark.parametrize("column", ["payload", "leaf", "head", "prev"])
def test_an_altered_part_of_the_trail_is_found(decided, column):
    trail = rows(unpacked(decided)["trail.csv"])
    place = next(n for n, row in enumerate(trail) if row["action"] == "review.decided")
    old = trail[place][column]
    trail[place][column] = old.replace("Approved", "Rejected") if column == "payload" else "0" * len(old)

    with pytest.raises(Broken):
        verify_segment(trail)


def test_a_missing_event_is_found(decided):
    trail = rows(unpacked(decided)["trail.csv"])

    with pytest.raises(Broken, match="is missing"):
        verify_segment([row for n, row in enumerate(trail) if n != 2])


def test_download_proof_is_recorded(scene, decided):
    response = signed_in(scene.office).post(reverse("governance:download_proof", args=[decided.review.ref]))

    names = zipfile.ZipFile(io.BytesIO(response.getvalue())).namelist()
    event = AuditEvent.objects.get(action="decision.exported")
    assert {"README.txt", "receipt.json", "manifest.json"} <= set(names)
    assert (event.actor_id, json.loads(event.payload)["files"]) == (scene.office.pk, len(names))


def test_download_proof_of_an_open_review_is_not_found(scene):
    address = reverse("governance:download_proof", args=[scene.review().ref])

    assert signed_in(scene.office).post(address).status_code == 404


# --- samples -----------------------------------------------------------------------------------------------------


def test_drawn_is_the_same_for_the_same_seed_whatever_the_order():
    refs = [f"R-2026-{n:04d}" for n in range(200)]

    assert drawn(refs, 20, "moon") == drawn(list(reversed(refs)), 20, "moon")
    assert drawn(refs, 20, "moon") != drawn(refs, 20, "sun")
    assert drawn(refs, 20, "moon") < drawn(refs, 30, "moon")
    assert drawn(refs[:5], 20, "moon") == set(refs[:5])


def test_drawn_takes_each_as_often_as_any_other():
    refs = [f"R-{n}" for n in range(10)]
    counts = {ref: sum(ref in drawn(refs, 3, str(seed)) for seed in range(2000)) for ref in refs}

    assert all(500 < count < 700 for count in counts.values())


def draw(client, **changed):
    asked = {"since": clock.today() - timedelta(days=1), "until": clock.today() + timedelta(days=1), "kind": "",
             "size": "2", "seed": "moon"}  # fmt: skip
    return client.post(reverse("governance:sample_decisions"), asked | changed)


def test_a_draw_is_recorded_and_shown(scene):
    for _ in range(4):
        decide_single(scene.review(2).pk, Outcome.APPROVED, "Fine.", by=scene.office)
    client = signed_in(make_person(Role.AUDITOR, unit=scene.unit))

    response = draw(client)
    page = client.get(response["Location"]).content.decode()
    file = client.get(f"{response['Location']}&format=csv").getvalue().decode("utf-8-sig")

    told = json.loads(AuditEvent.objects.get(action="decisions.sampled").payload)
    assert (told["population"], told["size"], told["seed"]) == (4, 2, "moon")
    assert "2 of 4 decisions" in page
    assert page.count("/proof/") == 2
    assert [row["In the sample"] for row in csv.DictReader(io.StringIO(file))].count("Yes") == 2


def test_a_sample_that_nobody_drew_is_not_shown(scene):
    client = signed_in(scene.office)

    assert client.get(reverse("governance:sample_decisions") + "?draw=made-up").status_code == 404


@pytest.mark.parametrize(
    ("given", "complaint"),
    [({"since": "2030-01-01"}, "The last day comes before the first."), ({"size": "0"}, "greater than or equal to 1"),
     ({"seed": ""}, "required")],
)  # fmt: skip
def test_a_draw_that_makes_no_sense_is_refused(scene, given, complaint):
    response = draw(signed_in(scene.office), **given)

    assert (response.status_code, complaint in response.content.decode()) == (422, True)
    assert not AuditEvent.objects.filter(action="decisions.sampled").exists()


def test_the_population_ends_at_what_a_person_may_see(scene):
    decide_single(scene.review(2).pk, Outcome.APPROVED, "Fine.", by=scene.office)
    other = signed_in(make_person(Role.AUDITOR))

    assert "0 of 0 decisions" in other.get(draw(other)["Location"]).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_sample_takes_a_constant_number_of_queries(scene, django_assert_max_num_queries, count):
    for _ in range(count):
        decide_single(scene.review(2).pk, Outcome.APPROVED, "Fine.", by=scene.office)
    client = signed_in(scene.office)
    address = draw(client, size="10")["Location"]
    client.get(address)

    with django_assert_max_num_queries(10):
        assert client.get(address).content.decode().count("/proof/") == count


# --- reading -----------------------------------------------------------------------------------------------------


def readings():
    return list(AuditEvent.objects.filter(action="use_case.read").values_list("actor_id", flat=True))


def test_reading_a_confidential_use_case_is_recorded_once_a_day(scene):
    use_case = scene.use_case(confidential=True)
    reader = signed_in(scene.office)

    reader.get(use_case.get_absolute_url())
    reader.get(f"{use_case.get_absolute_url()}facts/")
    assert readings() == [scene.office.pk]

    with clock.at(clock.now() + timedelta(days=1)):
        reader.get(use_case.get_absolute_url())
    assert readings() == [scene.office.pk] * 2


def test_reading_its_review_is_recorded_too(scene):
    review = scene.review(confidential=True)

    signed_in(scene.members["hr"]).get(review.get_absolute_url())

    assert readings() == [scene.members["hr"].pk]


def test_reading_evidence_or_the_papers_of_a_meeting_is_recorded_too(scene):
    review = scene.on_vote(confidential=True)
    stored = files.store("pack.pdf", b"%PDF", "application/pdf")
    evidence = record_evidence(review.use_case_id, ["C05"], "Seen", by=scene.owner, file=stored)
    meeting = call_meeting(scene.council, clock.today(), by=None)
    put_on_agenda(meeting.pk, review, by=scene.office)
    Meeting.objects.filter(pk=meeting.pk).update(pack=stored)

    address = reverse("governance:download_evidence", args=[review.use_case.ref, evidence.pk])
    read = [
        signed_in(scene.members["hr"]).get(f"/meetings/{meeting.pk}/papers/pack/").getvalue(),
        signed_in(scene.office).get(address).getvalue(),
    ]

    assert read == [b"%PDF", b"%PDF"]
    assert readings() == [scene.members["hr"].pk, scene.office.pk]


def test_reading_what_is_open_or_ones_own_is_not(scene):
    signed_in(scene.office).get(scene.use_case().get_absolute_url())
    signed_in(scene.owner).get(scene.use_case(confidential=True).get_absolute_url())

    assert readings() == []
