"""What governance keeps in writing about a use case: evidence of controls, and decisions."""

from django.urls import reverse

from caio_portal.accounts.models import User
from caio_portal.common import clock, words
from governance.models import Decision, Evidence
from portfolio.models import UseCase
from portfolio.ports import Document


def documents(use_case: UseCase, user: User) -> list[Document]:
    """Answer to portfolio's port; two queries."""
    today = clock.today()
    used = Evidence.objects.filter(uses__control_state__use_case=use_case).select_related("by").distinct()
    found = [
        Document(
            title=one.title,
            kind="Evidence",
            url=_address(use_case, one),
            at=one.recorded_at,
            by=str(one.by or ""),
            note="Withdrawn"
            if one.withdrawn_at
            else f"Valid until {words.day(one.valid_until)}"
            if one.valid_until
            else "",
            is_old=not one.is_valid(today),
        )
        for one in used
    ]
    decisions = Decision.objects.filter(review__use_case=use_case).select_related("review").defer("receipt")
    return found + [
        Document(
            title=f"Decision of {one.review.ref}: {one.get_outcome_display()}",
            kind="Decision",
            url=one.review.get_absolute_url(),
            at=one.decided_at,
        )
        for one in decisions
    ]


def _note(evidence: Evidence) -> str:
    if evidence.withdrawn_at:
        return "Withdrawn"
    return f"Valid until {words.day(evidence.valid_until)}" if evidence.valid_until else ""


def _address(use_case: UseCase, evidence: Evidence) -> str:
    if evidence.url:
        return evidence.url
    if evidence.file_id:
        return reverse("governance:download_evidence", args=[use_case.ref, evidence.pk])
    return reverse("portfolio:use_case_tab", args=[use_case.ref, "controls"])
