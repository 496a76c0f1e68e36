"""Somebody without an account registers one use case by a signed link."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from caio_portal.accounts.models import OrgUnit, User, UserKind
from caio_portal.accounts.services import create_user, notify
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed, require
from portfolio import rules
from portfolio.guest_tokens import address_of
from portfolio.models import GuestLink, Submission, UseCase
from portfolio.services.answering import Answered, answer_questions
from portfolio.services.questionnaires import carry_over
from portfolio.services.registering import create_use_case
from portfolio.services.submitting import submit_use_case
from portfolio.stages import Stage


@transaction.atomic
def invite_guest(unit_id: int, email: str, name: str, *, by: User, days: int, note: str = "") -> GuestLink:
    """Make a link for somebody without an account, and mail it to them."""
    unit = OrgUnit.objects.get(pk=unit_id)
    require(rules.objection_to_register(by, unit))
    guest = User.objects.filter(email__iexact=email).first()
    if guest and guest.kind != UserKind.GUEST:
        raise Invalid(f"{guest.name} has an account: ask them to sign in.", "email")
    guest = guest or create_user(email, name, by=by, kind=UserKind.GUEST)
    now = clock.now()
    link = GuestLink.objects.create(
        unit=unit, guest=guest, note=note.strip(), by=by, made_at=now, expires_at=now + timedelta(days=days)
    )
    record("guest.invited", link, by=by, unit=unit, guest=guest.email, expires_at=link.expires_at.isoformat())
    text = f"{by} asks you to register a use of AI in {unit}. No account is needed; the link is good for {days} days."
    notify([guest], link, text, address_of(link))
    return link


@transaction.atomic
def revoke_guest_link(link_id: int, *, by: User) -> GuestLink:
    """From now on the link opens nothing; what was registered by it stays."""
    link = _lock(link_id)
    require(rules.objection_to_revoke_link(by, link))
    link.revoked_at = clock.now()
    link.save(update_fields=["revoked_at"])
    record("guest.revoked", link, by=by, unit=link.unit, guest=link.guest.email)
    return link


@transaction.atomic
def begin_as_guest(link_id: int, title: str, stage: Stage) -> UseCase:
    """Register the one use case of a link, with its guest as the requester."""
    link = _lock(link_id)
    require(rules.objection_to_use_link(link))
    if link.use_case_id:
        raise NotAllowed("A use case was registered by this link already.")
    link.use_case = create_use_case(title, link.unit, by=link.guest, stage=stage)
    link.save(update_fields=["use_case"])
    text = f"{link.guest} has begun to register {link.use_case}."
    notify([link.by], link.use_case, text, link.use_case.get_absolute_url())
    return link.use_case


@transaction.atomic
def answer_as_guest(
    link_id: int, answers: Mapping[str, Any], *, seen: Mapping[str, Any] | None = None, insist: Collection[str] = ()
) -> Answered:
    """Answer questions by a link, which takes so many files in all; what is beyond that is refused, the rest taken."""
    link = _lock(link_id)
    require(rules.objection_to_use_link(link))
    if link.use_case_id is None:
        raise NotAllowed("Nothing was registered by this link yet.")
    refused = _count_files(link, answers)
    taken = {name: value for name, value in answers.items() if name not in refused}
    answered = answer_questions(link.use_case_id, taken, by=link.guest, seen=seen, insist=insist)
    return replace(answered, refused=refused)


@transaction.atomic
def carry_over_as_guest(link_id: int) -> UseCase:
    """Ask the use case of a link the questions in force from now on."""
    link = _lock(link_id)
    require(rules.objection_to_use_link(link))
    if link.use_case_id is None:
        raise NotAllowed("Nothing was registered by this link yet.")
    return carry_over(link.use_case_id, by=link.guest)


def _count_files(link: GuestLink, answers: Mapping[str, Any]) -> dict[str, str]:
    """Count the files that are sent; why some are refused, by question."""
    refused: dict[str, str] = {}
    sent = {name: value.size or 0 for name, value in answers.items() if isinstance(value, UploadedFile)}
    for name, size in sent.items():
        if objection := rules.objection_to_upload(link, size):
            refused[name] = objection
        else:
            link.files_sent, link.bytes_sent = link.files_sent + 1, link.bytes_sent + size
    if sent:
        link.save(update_fields=["files_sent", "bytes_sent"])
    return refused


@transaction.atomic
def submit_as_guest(link_id: int) -> Submission:
    """Submit the use case of a link; from then on the link only shows where it stands."""
    link = _lock(link_id)
    require(rules.objection_to_use_link(link))
    if link.use_case_id is None:
        raise NotAllowed("Nothing was registered by this link yet.")
    submission = submit_use_case(link.use_case_id, by=link.guest)
    link.submitted_at = clock.now()
    link.save(update_fields=["submitted_at"])
    text = f"{link.guest} has submitted {submission.use_case}."
    notify([link.by], submission.use_case, text, submission.use_case.get_absolute_url())
    return submission


def _lock(link_id: int) -> GuestLink:
    return GuestLink.objects.select_for_update(of=("self",)).select_related("unit", "guest", "by").get(pk=link_id)
