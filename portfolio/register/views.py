"""Pages that keep the public registers."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from caio_portal.accounts.access import policy
from caio_portal.accounts.selectors import roles_of
from caio_portal.common.errors import Invalid
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from portfolio.models import PublicRegister
from portfolio.register import access, rules, selection, services
from portfolio.register.forms import RegisterForm, initial_of


@policy(*rules.READERS)
def register_list(request: Request) -> HttpResponse:
    """The registers of the units that this person reads, open or not."""
    context = {
        "registers": access.registers_of(request.user),
        "may_keep": roles_of(request.user).has(*rules.OFFICE),
    }
    return render_page(request, "portfolio/register_list.html", context)


@policy(*rules.OFFICE, methods=("GET", "POST"))
def new_register(request: Request) -> HttpResponse:
    """A register begins closed: its keepers see what it would tell."""
    return _edit(request, None)


@policy(*rules.OFFICE, methods=("GET", "POST"))
def edit_register(request: Request, pk: int) -> HttpResponse:
    return _edit(request, access.register_or_404(request.user, pk))


@policy(*rules.OFFICE, methods=("POST",))
def open_register(request: Request, pk: int) -> HttpResponse:
    register = services.open_register(access.register_or_404(request.user, pk).pk, by=request.user)
    messages.success(request, f"Anybody can read {register} now.")
    return redirect("portfolio:edit_register", pk)


@policy(*rules.OFFICE, methods=("POST",))
def close_register(request: Request, pk: int) -> HttpResponse:
    register = services.close_register(access.register_or_404(request.user, pk).pk, by=request.user)
    messages.success(request, f"{register} is closed.")
    return redirect("portfolio:edit_register", pk)


def _edit(request: Request, register: PublicRegister | None) -> HttpResponse:
    form = RegisterForm(request.POST or None, user=request.user, initial=initial_of(register))
    if form.is_valid():
        try:
            saved = services.save_register(form.register(register), by=request.user)
        except Invalid as invalid:
            form.add_error(invalid.field, invalid.sentence)
        else:
            messages.success(request, "Saved.")
            return redirect("portfolio:edit_register", saved.pk)
    context: dict[str, Any] = {"form": form, "register": register}
    if register and not form.is_bound:
        use_cases = selection.shown(register)
        context |= {
            "count": use_cases.count(),
            "entries": list(selection.entries(register, use_cases[:5])),
            "left_out": selection.left_out(register).most_common(),
        }
    return render_page(request, "portfolio/register_edit.html", context, status=422 if form.errors else 200)
