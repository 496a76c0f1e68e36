"""Pages of the office's own list of approved tools."""

from django.contrib import messages
from django.db.models import Q, Sum
from django.http import HttpResponse
from django.shortcuts import redirect

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.accounts.selectors import roles_of
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from portfolio import rules, services
from portfolio.forms import ReasonForm
from portfolio.light import access
from portfolio.light.catalogue import title_of
from portfolio.light.forms import ToolForm
from portfolio.models import Tool

_COUNTED = Sum("common_uses__users", filter=Q(common_uses__ended_at=None), default=0)


@policy(ANYONE)
def tool_list(request: Request) -> HttpResponse:
    """What people may use without asking anybody, on which terms."""
    tools = [
        (tool, [title_of(use) for use in tool.uses]) for tool in access.tools_of(request.user).annotate(n=_COUNTED)
    ]
    roles = roles_of(request.user)
    context = {
        "tools": tools,
        "today": clock.today(),
        "may_approve": roles.has(*rules.OFFICE),
        "may_declare": roles.has(*rules.REGISTRANTS),
    }
    return render_page(request, "portfolio/tool_list.html", context)


@policy(ANYONE)
def tool_detail(request: Request, pk: int) -> HttpResponse:
    """Its terms, how to get it, and who uses it."""
    return _detail(request, access.tool_or_404(request.user, pk))


@policy(*rules.OFFICE, methods=("GET", "POST"))
def new_tool(request: Request) -> HttpResponse:
    uses = [use for use in request.GET.getlist("use") if use]
    return _edit(request, None, {"name": request.GET.get("name", ""), "uses": uses})


@policy(*rules.OFFICE, methods=("GET", "POST"))
def edit_tool(request: Request, pk: int) -> HttpResponse:
    return _edit(request, access.kept_tool_or_404(request.user, pk))


@policy(*rules.OFFICE, methods=("POST",))
def end_tool(request: Request, pk: int) -> HttpResponse:
    tool = access.kept_tool_or_404(request.user, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _detail(request, tool, form)
    services.end_tool(tool.pk, by=request.user, **form.cleaned_data)
    messages.success(request, f"{tool} is off the list; whoever uses it has been told.")
    return redirect("portfolio:tool_list")


def _detail(request: Request, tool: Tool, form: ReasonForm | None = None) -> HttpResponse:
    declared = list(access.common_uses_of(request.user).filter(tool=tool, ended_at=None).order_by("-users"))
    context = {
        "tool": tool,
        "uses": [title_of(use) for use in tool.uses],
        "declared": [(each, title_of(each.use)) for each in declared],
        "users": tool.common_uses.filter(ended_at=None).aggregate(n=Sum("users", default=0))["n"],
        "form": form or ReasonForm(),
        "objection": rules.objection_to_keep_tool(request.user, tool),
        "may_declare": roles_of(request.user).has(*rules.REGISTRANTS),
        "today": clock.today(),
    }
    return render_page(request, "portfolio/tool_detail.html", context, status=422 if form else 200)


def _edit(request: Request, tool: Tool | None, initial: dict[str, object] | None = None) -> HttpResponse:
    if tool:
        require(rules.objection_to_keep_tool(request.user, tool))
    form = ToolForm(request.POST or None, instance=tool, user=request.user, initial=initial or {})
    if form.is_valid():
        try:
            saved = services.save_tool(form.save(commit=False), by=request.user)
        except Invalid as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            messages.success(request, f"{saved} is on the list of approved tools.")
            return redirect(saved)
    return render_page(
        request, "portfolio/tool_edit.html", {"form": form, "tool": tool}, status=422 if form.errors else 200
    )
