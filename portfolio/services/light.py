"""The light lane: tools are approved, units declare what they use, and what is not approved is put in order."""

from datetime import date

from django.db import transaction
from django.db.models import Q

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.selectors import people_with
from caio_portal.accounts.services import notify
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed, require
from portfolio import rules
from portfolio.light.catalogue import settle_by, title_of, titles
from portfolio.models import CommonUse, Tool

OVERLONG = "Nobody has so many."
_MOST = 10_000_000


@transaction.atomic
def save_tool(tool: Tool, *, by: User) -> Tool:
    """Approve a tool, or change what is said of it; declared uses of the same product rest on it from now on."""
    require(rules.objection_to_approve_tools(by, tool.unit))
    new = tool.pk is None
    if not new:
        require(rules.objection_to_keep_tool(by, Tool.objects.select_for_update().get(pk=tool.pk)))
    if Tool.objects.filter(unit=tool.unit, name=tool.name, ended_at=None).exclude(pk=tool.pk).exists():
        raise Invalid(f"{tool.name} is on the list of {tool.unit} already.", "name")
    if tool.review_on <= tool.approved_on:
        raise Invalid("The next look comes after the approval.", "review_on")
    tool.by, tool.changed_at = by, clock.now()
    tool.save()
    settled = _settle(tool) if new else 0
    record(
        "tool.approved" if new else "tool.changed", tool, by=by, unit=tool.unit, uses=tool.uses, terms=tool.terms,
        licences=tool.licences, review_on=str(tool.review_on), settled=settled,
    )  # fmt: skip
    return tool


@transaction.atomic
def end_tool(tool_id: int, *, by: User, reason: str) -> Tool:
    """Take a tool off the list; whoever uses it is told, and has time to change to another one."""
    tool = Tool.objects.select_for_update(of=("self",)).select_related("unit").get(pk=tool_id)
    require(rules.objection_to_keep_tool(by, tool))
    if not reason.strip():
        raise Invalid("Say why: whoever uses it reads it.", "reason")
    until = settle_by()
    users = list(tool.common_uses.filter(ended_at=None).select_related("by"))
    for common_use in users:
        _change_product(common_use, None, tool.name, until)
        text = (
            f"{tool.name} is no approved tool any more ({reason.strip()}). Change to another one by {until:%-d %B %Y}."
        )
        notify([common_use.by], common_use, text, common_use.get_absolute_url())
    tool.ended_at = clock.now()
    tool.save(update_fields=["ended_at"])
    record("tool.ended", tool, by=by, unit=tool.unit, reason=reason.strip(), told=len(users))
    return tool


@transaction.atomic
def declare_common_use(
    unit_id: int, use: str, *, by: User, users: int, licences: int = 0, tool: Tool | None = None, product: str = ""
) -> CommonUse:
    """Declare that a unit uses a tool, or a product that nobody has approved yet, for a common use.

    Declared again, the figures are replaced. Nobody is blamed for what is not approved: it may go on until a day, and
    the office is asked to approve it or to offer another tool.
    """
    unit = OrgUnit.objects.select_for_update().get(pk=unit_id)
    require(rules.objection_to_declare(by, unit))
    product = "" if tool else " ".join(product.split())
    _require_declarable(use, tool, product, users, licences)
    known = CommonUse.objects.filter(unit=unit, use=use, tool=tool, product=product, ended_at=None).first()
    if known:
        return change_common_use(known.pk, users=users, licences=licences, by=by)
    now = clock.now()
    common_use = CommonUse.objects.create(
        unit=unit, use=use, tool=tool, product=product, users=users, licences=licences, by=by, declared_at=now,
        changed_at=now, settle_by=None if tool else settle_by(),
    )  # fmt: skip
    record("common_use.declared", common_use, by=by, unit=unit, users=users, licences=licences, within=unit.name)
    if not tool:
        text = f"{unit} uses {product} for “{title_of(use)}”, which is not approved. Approve it, or offer another tool."
        notify(people_with(*rules.OFFICE, unit=unit), common_use, text, common_use.get_absolute_url())
    return common_use


@transaction.atomic
def change_common_use(common_use_id: int, *, by: User, users: int, licences: int) -> CommonUse:
    """State how many use it now, and with how many licences."""
    common_use = _lock(common_use_id)
    require(rules.objection_to_change_common_use(by, common_use))
    _require_figures(users, licences)
    before = {"users": common_use.users, "licences": common_use.licences}
    after = {"users": users, "licences": licences}
    if before == after:
        return common_use
    common_use.users, common_use.licences, common_use.changed_at = users, licences, clock.now()
    common_use.save(update_fields=["users", "licences", "changed_at"])
    record("common_use.changed", common_use, by=by, unit=common_use.unit_id, before=before, after=after)
    return common_use


@transaction.atomic
def switch_common_use(common_use_id: int, tool: Tool, *, by: User) -> CommonUse:
    """The unit has changed to an approved tool."""
    common_use = _lock(common_use_id)
    require(rules.objection_to_change_common_use(by, common_use))
    if tool.ended_at or not tool.serves(common_use.use):
        raise NotAllowed(f"{tool} is not approved for “{title_of(common_use.use)}”.")
    before = common_use.with_what
    same = CommonUse.objects.filter(unit=common_use.unit_id, use=common_use.use, tool=tool, ended_at=None)
    if known := same.exclude(pk=common_use.pk).first():
        known = change_common_use(
            known.pk, users=known.users + common_use.users, licences=known.licences + common_use.licences, by=by
        )
        end_common_use(common_use.pk, by=by)
        return known
    _change_product(common_use, tool, "", None)
    record("common_use.switched", common_use, by=by, unit=common_use.unit_id, before=before, after=tool.name)
    return common_use


@transaction.atomic
def end_common_use(common_use_id: int, *, by: User) -> CommonUse:
    """The unit does not use it any more; the row stays."""
    common_use = _lock(common_use_id)
    require(rules.objection_to_change_common_use(by, common_use))
    common_use.ended_at = common_use.changed_at = clock.now()
    common_use.save(update_fields=["ended_at", "changed_at"])
    record("common_use.ended", common_use, by=by, unit=common_use.unit_id)
    return common_use


def _lock(common_use_id: int) -> CommonUse:
    rows = CommonUse.objects.select_for_update(of=("self",)).select_related("unit", "tool", "by")
    return rows.get(pk=common_use_id)


def _change_product(common_use: CommonUse, tool: Tool | None, product: str, until: date | None) -> None:
    common_use.tool, common_use.product, common_use.settle_by = tool, product, until
    common_use.changed_at = clock.now()
    common_use.save(update_fields=["tool", "product", "settle_by", "changed_at"])


def _settle(tool: Tool) -> int:
    """Let the declared uses of the same product in the tool's units rest on it; how many there were."""
    waiting = CommonUse.objects.filter(
        Q(unit__path__startswith=tool.unit.path), product__iexact=tool.name, tool=None, ended_at=None
    ).select_related("by")
    settled = [common_use for common_use in waiting if tool.serves(common_use.use)]
    for common_use in settled:
        _change_product(common_use, tool, "", None)
        text = f"{tool.name} is an approved tool now: nothing is left to do for “{title_of(common_use.use)}”."
        notify([common_use.by], common_use, text, common_use.get_absolute_url())
    return len(settled)


def _require_declarable(use: str, tool: Tool | None, product: str, users: int, licences: int) -> None:
    if use not in titles():
        raise Invalid("Choose one of the common uses.", "use")
    if tool is None and not product:
        raise Invalid("Choose a tool, or name the product.", "product")
    if tool and (tool.ended_at or not tool.serves(use)):
        raise Invalid(f"{tool} is not approved for “{title_of(use)}”.", "tool")
    _require_figures(users, licences)


def _require_figures(users: int, licences: int) -> None:
    if not 1 <= users <= _MOST:
        raise Invalid("Somebody uses it: state how many, from 1 on." if users < 1 else OVERLONG, "users")
    if not 0 <= licences <= _MOST:
        raise Invalid(OVERLONG, "licences")
