"""From an address to a use case: what a person may not see does not exist."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from caio_portal.accounts.models import User
from caio_portal.accounts.selectors import roles_of
from portfolio.guest_tokens import number_in
from portfolio.models import (
    Benefit,
    Branch,
    CostLine,
    GuestLink,
    Remark,
    RetirementDuty,
    SavedView,
    UseCase,
    UseCasePerson,
)
from portfolio.rules import REGISTRANTS


def use_case_or_404(user: User, ref: str) -> UseCase:
    return get_object_or_404(UseCase.objects.active().visible_to(user).for_page(), ref=ref)


def draft_or_404(user: User, ref: str) -> UseCase:
    """The use case with no more than its questions need: they are saved at every answer."""
    rows = UseCase.objects.active().visible_to(user).select_related("unit").with_questionnaire()
    return get_object_or_404(rows, ref=ref)


def cost_line_or_404(use_case: UseCase, pk: int) -> CostLine:
    return get_object_or_404(CostLine, use_case=use_case, pk=pk, voided_at=None)


def benefit_or_404(use_case: UseCase, pk: int) -> Benefit:
    return get_object_or_404(Benefit, use_case=use_case, pk=pk, voided_at=None)


def branch_or_404(use_case: UseCase, pk: int) -> Branch:
    return get_object_or_404(Branch, use_case=use_case, pk=pk)


def person_or_404(use_case: UseCase, pk: int) -> UseCasePerson:
    return get_object_or_404(UseCasePerson, use_case=use_case, pk=pk, ended_at=None)


def remark_or_404(use_case: UseCase, pk: int) -> Remark:
    return get_object_or_404(Remark, use_case=use_case, pk=pk)


def duty_or_404(use_case: UseCase, pk: int) -> RetirementDuty:
    return get_object_or_404(RetirementDuty, use_case=use_case, pk=pk)


def saved_view_or_404(user: User, pk: int) -> SavedView:
    return get_object_or_404(SavedView, user=user, pk=pk, hidden_at=None)


def guest_links_of(user: User) -> QuerySet[GuestLink]:
    """The links into units for which this person may register."""
    rows = GuestLink.objects.filter(unit__in=roles_of(user).unit_ids(*REGISTRANTS))
    return rows.select_related("unit", "guest", "by", "use_case")


def guest_link_or_404(user: User, pk: int) -> GuestLink:
    return get_object_or_404(guest_links_of(user), pk=pk)


def guest_link_by_token(token: str) -> GuestLink:
    """What we did not sign does not exist."""
    links = GuestLink.objects.select_related("unit", "guest", "by", "use_case__unit")
    return get_object_or_404(links, pk=number_in(token) or 0)
