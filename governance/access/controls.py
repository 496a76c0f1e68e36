"""From an address to a control of a use case, its evidence, its exceptions and risks."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from caio_portal.accounts.models import User
from governance.models import Evidence, PolicyException, Risk
from governance.policy import Control, Policy
from portfolio.access import use_case_or_404
from portfolio.models import UseCase


def control_or_404(policy: Policy, control: str) -> Control:
    try:
        return policy.control(control)
    except KeyError:
        raise Http404("There is no such control.") from None


def evidence_or_404(user: User, ref: str, pk: int) -> tuple[UseCase, Evidence]:
    """A piece of evidence that counts, or counted, for some control of the use case."""
    use_case = use_case_or_404(user, ref)
    pieces = Evidence.objects.filter(uses__control_state__use_case=use_case).select_related("file").distinct()
    return use_case, get_object_or_404(pieces, pk=pk)


def exception_or_404(user: User, ref: str, pk: int) -> PolicyException:
    return get_object_or_404(PolicyException, pk=pk, use_case=use_case_or_404(user, ref))


def risk_or_404(user: User, ref: str, pk: int) -> Risk:
    use_case = use_case_or_404(user, ref)
    risk = get_object_or_404(Risk, pk=pk, use_case=use_case)
    risk.use_case = use_case
    return risk
