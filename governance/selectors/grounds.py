"""What exactly led to a review that nobody asked for: a sentence, and where it is shown."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.urls import reverse

from caio_portal.common import clock
from caio_portal.common.words import plural
from governance.models import Approval, Cause, EvidenceUse, Incident, State
from governance.policy import Policy
from portfolio.facts import CATALOGUE
from portfolio.models import FactChange, SystemProduct
from vendors.models import Contract

_NAMED = 4


@dataclass(frozen=True)
class Ground:
    text: str = ""
    url: str = ""


NO_GROUND = Ground()


def ground(approval: Approval, cause: Cause, policy: Policy) -> Ground:
    """Why an approval is looked at again; asked once for each review that opens."""
    found: dict[str, Callable[[Approval, Policy], Ground]] = {
        Cause.INCIDENT: _incident, Cause.MATERIAL_CHANGE: _facts, Cause.VENDOR: _vendor, Cause.EVIDENCE: _evidence,
        Cause.INTERVAL: _interval,
    }  # fmt: skip
    return found[cause](approval, policy)


def _incident(approval: Approval, policy: Policy) -> Ground:
    grave = Incident.objects.filter(
        use_case_links__use_case=approval.use_case_id, severity__lte=policy.rereview.incident_severity,
        reported_at__gt=approval.granted_at,
    )  # fmt: skip
    incident = grave.order_by("severity", "-reported_at").first()
    return Ground(f"{incident}.", incident.get_absolute_url()) if incident else NO_GROUND


def _facts(approval: Approval, policy: Policy) -> Ground:
    changed = FactChange.objects.filter(
        use_case=approval.use_case_id, recorded_at__gt=approval.granted_at, fact__in=policy.material_facts
    )
    names = sorted(set(changed.values_list("fact", flat=True)))
    labels = [CATALOGUE[name].label if name in CATALOGUE else name for name in names]
    more = f" and {len(labels) - _NAMED} more" if len(labels) > _NAMED else ""
    said = f": {', '.join(labels[:_NAMED])}{more}" if labels else ""
    return Ground(
        f"Facts that the approval rests on have changed{said}.", f"{approval.use_case.get_absolute_url()}history/"
    )


def _vendor(approval: Approval, policy: Policy) -> Ground:
    since, today = approval.granted_at.date(), clock.today()
    relied_on = SystemProduct.objects.filter(ai_system__uses__use_case=approval.use_case_id)
    ended = relied_on.filter(product__ends_on__range=(since, today)).select_related("product__vendor").first()
    if ended and ended.product.ends_on:
        vendor = ended.product.vendor
        return Ground(f"{ended.product} of {vendor} ended on {_day(ended.product.ends_on)}.", vendor.get_absolute_url())
    contracts = Contract.objects.filter(vendor__in=relied_on.values("product__vendor"), ends_on__range=(since, today))
    contract = contracts.select_related("vendor").order_by("-ends_on").first()
    if contract is None:
        return NO_GROUND
    text = f"The last contract with {contract.vendor} ended on {_day(contract.ends_on)}."
    return Ground(text, contract.vendor.get_absolute_url())


def _evidence(approval: Approval, policy: Policy) -> Ground:
    gone = EvidenceUse.objects.filter(
        control_state__use_case=approval.use_case_id, control_state__state=State.MET, evidence__withdrawn_at=None,
        evidence__valid_until__range=(approval.granted_at.date(), clock.today()),
    ).select_related("evidence", "control_state")  # fmt: skip
    valid = EvidenceUse.objects.filter(evidence__withdrawn_at=None).filter(
        Q(evidence__valid_until=None) | Q(evidence__valid_until__gte=clock.today())
    )
    use = gone.exclude(control_state__in=valid.values("control_state")).order_by("evidence__valid_until").first()
    if use is None or use.evidence.valid_until is None:
        return NO_GROUND
    control = use.control_state.control
    title = next((each.title for each in policy.controls if each.id == control), control)
    url = reverse("governance:control_detail", args=[approval.use_case.ref, control])
    return Ground(f"Evidence of {title} expired on {_day(use.evidence.valid_until)}: {use.evidence}.", url)


def _interval(approval: Approval, policy: Policy) -> Ground:
    months = next((each.review_months for each in policy.tiers if each.number == approval.decision.review.tier), 0)
    every = f"; tier {approval.decision.review.tier} is looked at every {plural(months, 'month')}" if months else ""
    text = f"The approval of {_day(approval.granted_at.date())} ends on {_day(approval.valid_until)}{every}."
    return Ground(text, approval.decision.review.get_absolute_url())


def _day(day: date) -> str:
    return f"{day:%-d %B %Y}"
