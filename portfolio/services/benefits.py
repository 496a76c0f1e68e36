"""What a benefit needs for its state, and how one that several use cases bring is stated once."""

from decimal import Decimal
from typing import Any

from caio_portal.accounts.models import User
from caio_portal.common.errors import Invalid, NotAllowed
from portfolio.models import Benefit, BenefitState

MEASURED = (BenefitState.MEASURED, BenefitState.VERIFIED)
_ALL = Decimal(100)
_OWN = ("baseline", "target", "value", "worth", "sample", "low", "high", "confidence")
_SIGNED = ("metric", "uom", "period", "lower_is_better", *_OWN)
_FIGURES = (
    "metric", "uom", "baseline", "target", "value", "sample", "low", "high", "confidence", "worth", "currency",
    "period", "method", "state", "share",
)  # fmt: skip


def require_figures(benefit: Benefit) -> None:
    """What the state of a benefit asks for; raises Invalid at the field that lacks."""
    if benefit.state != BenefitState.CLAIMED and benefit.baseline is None:
        raise Invalid("State the baseline first: the figure before the AI.", "baseline")
    if benefit.state in MEASURED:
        _require_measurement(benefit)
    if benefit.worth is not None and not benefit.currency:
        raise Invalid("Name the currency.", "currency")
    _require_interval(benefit)


def require_verifiable(old: Benefit | None, benefit: Benefit, verifier: User) -> None:
    """Finance signs what somebody else has claimed and measured, as it stands."""
    if verifier.pk == benefit.claimed_by_id:
        raise NotAllowed("You claimed this benefit: somebody else verifies it.")
    if benefit.same_as_id:
        raise Invalid("It is verified where it is stated.", "state")
    if old is None or old.state not in MEASURED:
        raise Invalid("It is measured first; then finance verifies the measured value.", "state")
    changed = [name for name in _SIGNED if getattr(old, name) != getattr(benefit, name)]
    if changed:
        raise Invalid("Finance signs the figures as they stand. Save what changed as measured first.", changed[0])


def become_share(benefit: Benefit, old: Benefit | None) -> None:
    """Make it a share of the other one: without figures of its own, and all shares together at most the whole."""
    assert benefit.same_as_id is not None
    whole = Benefit.objects.select_for_update(of=("self",)).get(pk=benefit.same_as_id)
    if whole.voided_at or whole.same_as_id or whole.use_case_id == benefit.use_case_id:
        raise Invalid("Choose the benefit of another use case that is stated there with its figures.", "same_as")
    if (benefit.uom.casefold(), benefit.period) != (whole.uom.casefold(), whole.period):
        raise Invalid("It is measured in something else, or for other periods.", "same_as")
    if old is not None and sharing(old):
        raise Invalid("Other use cases have a share of this one: it is stated here.", "same_as")
    benefit.share = Decimal(0) if benefit.share is None else benefit.share
    taken = sum((each.share or 0 for each in sharing(whole) if each.pk != benefit.pk), Decimal(0))
    if not 0 <= benefit.share <= _ALL - taken:
        raise Invalid(f"Of that benefit {(_ALL - taken).normalize():f} % is not given away yet.", "share")
    for name in _OWN:
        setattr(benefit, name, None)
    benefit.currency, benefit.state = "", BenefitState.CLAIMED


def sharing(benefit: Benefit) -> list[Benefit]:
    """Those that are a share of this one."""
    return list(benefit.shared_by.filter(voided_at=None).select_related("use_case")) if benefit.pk else []


def figures(benefit: Benefit | None) -> dict[str, Any] | None:
    """What is stated, for the trail."""
    if benefit is None:
        return None
    told = {name: getattr(benefit, name) for name in _FIGURES}
    return told | {"same_as": str(benefit.same_as.use_case.ref)} if benefit.same_as else told


def _require_measurement(benefit: Benefit) -> None:
    if benefit.value is None:
        raise Invalid("State the measured value.", "value")
    if not benefit.sample:
        raise Invalid("State how many cases, people or days the measurement rests on.", "sample")
    if not benefit.method.strip():
        raise Invalid("State how it was measured, so that somebody else gets the same.", "method")


def _require_interval(benefit: Benefit) -> None:
    if (benefit.low is None) != (benefit.high is None):
        raise Invalid("An interval has two ends.", "high" if benefit.high is None else "low")
    if benefit.low is None:
        return
    if benefit.value is None:
        raise Invalid("State the measured value that the interval lies around.", "value")
    if not benefit.low <= benefit.value <= (benefit.high or benefit.low):
        raise Invalid("The measured value lies between the two ends.", "low")
