"""What the portfolio adds to home, to the search in the top bar and to the list of exports."""

from django.db.models import Exists, OuterRef
from django.urls import reverse

from caio_portal.accounts.models import User
from caio_portal.accounts.ports import Export, SearchHit, WorkEntry
from caio_portal.accounts.selectors import roles_of
from portfolio.inventory.rules import READERS
from portfolio.models import Source, Submission, UseCase
from portfolio.stages import Stage

_HITS = 8


def my_work(user: User) -> list[WorkEntry]:
    """The drafts that this person began and has not submitted."""
    submitted = Submission.objects.filter(use_case=OuterRef("pk"))
    drafts = UseCase.objects.active().filter(
        ~Exists(submitted), requester=user, source=Source.INTAKE, stage=Stage.IDEA, paused_at=None
    )
    return [
        WorkEntry(
            title=draft.title,
            url=reverse("portfolio:intake_resume", args=[draft.ref]),
            kind="Finish and submit",
            detail=f"{draft.ref} · draft",
            tier=draft.tier,
        )
        for draft in drafts.order_by("-changed_at")[:20]
    ]


def search(text: str, user: User) -> list[SearchHit]:
    found = UseCase.objects.active().visible_to(user).matching(text).by_closeness(text).select_related("unit")
    return [
        SearchHit("Use cases", use_case.title, use_case.get_absolute_url(), f"{use_case.ref} · {use_case.unit.name}")
        for use_case in found[:_HITS]
    ]


def offered_exports(user: User) -> list[Export]:
    exports = [Export("Use cases", reverse("portfolio:use_case_list"))]
    if roles_of(user).has(*READERS):
        exports.append(Export("Inventory to publish", reverse("portfolio:inventory_readiness")))
    return exports
