"""From an address to a tool or a common use: what a person may not see does not exist."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import F, Value
from django.shortcuts import get_object_or_404

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from portfolio.models import CommonUse, Tool
from portfolio.rules import OFFICE


def common_uses_of(user: User) -> QuerySet[CommonUse]:
    """Those of the units in which this person holds a role, and those they declared."""
    rows = CommonUse.objects.filter(Q(unit__in=roles_of(user).unit_ids(*Role)) | Q(by=user))
    return rows.select_related("unit", "tool", "by")


def common_use_or_404(user: User, pk: int) -> CommonUse:
    return get_object_or_404(common_uses_of(user), pk=pk)


def tools_of(user: User) -> QuerySet[Tool]:
    """The approved tools of the units in which this person holds a role and of the units above; also their own."""
    own = OrgUnit.objects.filter(pk__in=roles_of(user).unit_ids(*Role), path__startswith=OuterRef("unit__path"))
    return Tool.objects.filter(Exists(own) | Q(by=user), ended_at=None).select_related("unit", "product__vendor", "by")


def tool_or_404(user: User, pk: int) -> Tool:
    return get_object_or_404(tools_of(user), pk=pk)


def kept_tool_or_404(user: User, pk: int) -> Tool:
    """A tool that this person's office approved."""
    return get_object_or_404(tools_of(user).filter(unit__in=roles_of(user).unit_ids(*OFFICE)), pk=pk)


def tools_for(unit: OrgUnit, use: str) -> list[Tool]:
    """The tools that a unit may use for a common use."""
    return [tool for tool in tools_of_unit(unit) if tool.serves(use)]


def tools_of_unit(unit: OrgUnit) -> list[Tool]:
    """The tools that a unit may use: its own, and those of the units above."""
    above = Tool.objects.filter(ended_at=None).alias(of=Value(unit.path)).filter(of__startswith=F("unit__path"))
    return list(above.select_related("unit", "product__vendor"))
