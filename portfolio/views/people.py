"""Who else is named in a use case."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.common.http import Request
from portfolio import access, services
from portfolio.forms import NameForm
from portfolio.models import Part


@policy(ANYONE, methods=("POST",))
@require_POST
def name_person(request: Request, ref: str) -> HttpResponse:
    use_case = access.use_case_or_404(request.user, ref)
    form = NameForm(request.POST)
    if form.is_valid():
        named = services.name_person(
            use_case.pk, form.cleaned_data["person"], Part(form.cleaned_data["part"]), by=request.user
        )
        messages.success(request, f"{named.user} is named in {use_case.ref}.")
    else:
        messages.error(request, "Choose a person and what they may do.")
    return redirect("portfolio:edit_use_case", use_case.ref)


@policy(ANYONE, methods=("POST",))
@require_POST
def remove_person(request: Request, ref: str, pk: int) -> HttpResponse:
    use_case = access.use_case_or_404(request.user, ref)
    named = access.person_or_404(use_case, pk)
    services.remove_person(named.pk, by=request.user)
    messages.success(request, f"{named.user} is no longer named in {use_case.ref}.")
    return redirect("portfolio:edit_use_case", use_case.ref)
