"""Conflicts of interest: declared once, on one page."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from caio_portal.accounts.access import policy
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from governance.forms.conflicts import ConflictForm
from governance.forms.saving import taken
from governance.rules import conflicts as rules
from governance.selectors.conflicts import conflicts_seen_by
from governance.services.conflicts import declare_conflict
from governance.services.conflicts import end_conflict as end


@policy(*rules.READERS, methods=("GET", "POST"))
@require_http_methods(["GET", "POST"])
def conflict_list(request: Request) -> HttpResponse:
    """What I have declared, and what those have whom I oversee; a form to declare more."""
    objection = rules.objection_to_declare(request.user)
    units = roles_of(request.user).unit_ids(*Role)
    form = ConflictForm(request.POST or None, units=units)
    if request.method == "POST" and taken(form, lambda: declare_conflict(by=request.user, **form.cleaned_data)):
        messages.success(request, "Your interest is declared. Votes that were open to you count as recused.")
        return redirect("governance:conflict_list")
    found = [
        (conflict, rules.objection_to_end_conflict(request.user, conflict) is None)
        for conflict in conflicts_seen_by(request.user)
    ]
    context = {"conflicts": found, "form": None if objection else form}
    return render_page(request, "governance/conflicts.html", context, status=422 if form.errors else 200)


@policy(*rules.JUDGES, methods=("POST",))
@require_POST
def end_conflict(request: Request, pk: int) -> HttpResponse:
    conflict = get_object_or_404(conflicts_seen_by(request.user), pk=pk)
    end(conflict.pk, by=request.user)
    messages.success(request, f"Your interest in {conflict.subject} has ended.")
    return redirect("governance:conflict_list")
