"""What the portfolio adds to home, to the search in the top bar and to the list of exports."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from caio_portal.accounts.models import User
from caio_portal.accounts.ports import Export, SearchHit, WorkEntry
from caio_portal.accounts.selectors import roles_of
from caio_portal.common import clock
from portfolio import ports
from portfolio.approvals import lacking
from portfolio.assets.access import assets_of
from portfolio.assets.kinds import KINDS
from portfolio.inventory.rules import READERS
from portfolio.light.running import unsettled
from portfolio.models import Branch, BranchState, CommonUse, DutyState, RetirementDuty, Source, Submission, UseCase
from portfolio.rules import OFFICE
from portfolio.selectors.spelling import corrected
from portfolio.stages import Stage

_FEW = 3
_HITS = 8


def my_work(user: User) -> list[WorkEntry]:
    """The drafts that this person began and has not submitted, and the common uses to be put in order."""
    return [*_drafts(user), *_asking(user), *_reported(user), *_to_settle(user), *_ended(user)]


def _drafts(user: User) -> list[WorkEntry]:
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


def _asking(user: User) -> list[WorkEntry]:
    """The units that ask to join what this person owns or requested."""
    asked = Branch.objects.filter(Q(use_case__owner=user) | Q(use_case__requester=user), state=BranchState.ASKED)
    return [
        WorkEntry(
            title=branch.use_case.title,
            url=f"{branch.use_case.get_absolute_url()}#branches",
            kind="Let it join?",
            detail=f"{branch.use_case.ref} · {branch.unit}",
        )
        for branch in asked.select_related("use_case", "unit").defer("use_case__facts")[:20]
    ]


def _reported(user: User) -> list[WorkEntry]:
    """What runs without approval: of this person, and in an office what is overdue."""
    today, offices = clock.today(), roles_of(user).unit_ids(*OFFICE)
    own = Q(requester=user) | Q(owner=user)
    found = UseCase.objects.filter(unsettled()).filter(own | Q(unit__in=offices, settle_by__lt=today))
    return [
        WorkEntry(
            title=use_case.title,
            url=f"{use_case.get_absolute_url()}#settle",
            kind="Put in order",
            detail=f"{use_case.ref} · runs without approval",
            due_on=use_case.settle_by,
            overdue=use_case.settle_by < today,
            tier=use_case.tier,
        )
        for use_case in found.order_by("settle_by").defer("facts")[:20]
        if use_case.settle_by
    ]


def _ended(user: User) -> list[WorkEntry]:
    """What this person owned or requested, and whose end still asks for something."""
    still = RetirementDuty.objects.filter(use_case=OuterRef("pk"), state=DutyState.OPEN)
    found = UseCase.objects.active().filter(Q(owner=user) | Q(requester=user), Exists(still), stage=Stage.RETIRED)
    return [
        WorkEntry(each.title, f"{each.get_absolute_url()}#end", "Finish its end", f"{each.ref} · retired")
        for each in found.order_by("stage_since").defer("facts")[:20]
    ]


def _to_settle(user: User) -> list[WorkEntry]:
    """Products that nobody approved: for whoever declared their use, and for the office that may approve them."""
    offices = roles_of(user).unit_ids(*OFFICE)
    waiting = CommonUse.objects.filter(Q(by=user) | Q(unit__in=offices), ended_at=None, tool=None)
    return [
        WorkEntry(
            title=f"{common_use.product} for {common_use.use_title.lower()}",
            url=common_use.get_absolute_url(),
            kind="Approve or replace" if common_use.unit_id in offices else "Put in order",
            detail=common_use.unit.name,
            due_on=common_use.settle_by,
            overdue=common_use.settle_by < clock.today(),
        )
        for common_use in waiting.select_related("unit").order_by("settle_by")[:20]
        if common_use.settle_by
    ]


def search(text: str, user: User) -> list[SearchHit]:
    visible = UseCase.objects.active().visible_to(user).select_related("unit")
    visible = visible.annotate(approval_state=ports.how_approvals_stand().of_row())
    found = visible.matching(text).by_closeness(text)[:_HITS]
    if not found and (meant := corrected(text)):
        found = visible.matching(meant).by_closeness(meant)[:_HITS]
    return [
        SearchHit("Use cases", use_case.title, use_case.get_absolute_url(), " · ".join(_about(use_case)))
        for use_case in found
    ]


def _about(use_case: UseCase) -> Iterator[str]:
    """Its reference and unit, and its approval if that opens no gate."""
    yield from (use_case.ref, use_case.unit.name)
    if state := lacking(use_case):
        yield state.words


def search_assets(text: str, user: User) -> list[SearchHit]:
    """AI systems, models, data sets and agents by name or publisher."""
    hits = []
    for kind in KINDS.values():
        named = Q(name__icontains=text) | (Q(publisher__icontains=text) if kind.key == "models" else Q())
        found = assets_of(user, kind).filter(named, retired_at=None).select_related("unit")[:_FEW]
        hits += [SearchHit(kind.label, str(one), one.get_absolute_url(), one.unit.name) for one in found]
    return hits


def offered_exports(user: User) -> list[Export]:
    exports = [
        Export("Use cases", reverse("portfolio:use_case_list")),
        *(Export(kind.label, reverse("portfolio:asset_list", args=[kind.key])) for kind in KINDS.values()),
        Export("Models and data sets as a bill of materials (CycloneDX)", reverse("portfolio:export_bom")),
        Export("Common uses, as OMB consolidates them", reverse("portfolio:export_common_uses")),
    ]
    if roles_of(user).has(*READERS):
        exports.append(Export("Inventory to publish", reverse("portfolio:inventory_readiness")))
    return exports
