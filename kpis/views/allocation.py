"""Whose money it is: what matches nothing, and the rules that allocate it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from caio_portal.accounts.access import policy
from caio_portal.accounts.selectors import roles_of
from caio_portal.common.errors import Invalid, require
from caio_portal.common.http import Request
from caio_portal.common.pages import form_page, render_page
from kpis import access, rules
from kpis.forms.allocation import RuleForm
from kpis.models import Feed
from kpis.selectors.allocation import worklist
from kpis.services import allocation as services
from kpis.views.deliveries import ROWS_AT_ONCE
from kpis.views.targets import BOTH


@policy(*rules.READERS)
def allocation(request: Request) -> HttpResponse:
    """What matches nothing, by what it is labelled with."""
    context = {
        "work": worklist(access.feeds_of(request.user)), "kept": roles_of(request.user).unit_ids(*rules.KEEPERS),
    }  # fmt: skip
    return render_page(request, "kpis/allocation.html", context)


@policy(*rules.KEEPERS, methods=BOTH)
def allocate(request: Request, pk: int) -> HttpResponse:
    """Say whose money it is that is labelled like this, now and whenever it comes again."""
    spend = access.unmatched_or_404(request.user, pk)
    feed = spend.batch.feed
    require(rules.objection_to_feed(request.user, feed))
    form = RuleForm(
        request.POST if request.method == "POST" else None, user=request.user, feed=feed, labels=spend.labels
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.add_rule(feed.pk, form.rule, by=request.user)
        except Invalid as invalid:
            form.add_error(None, invalid.sentence)
        else:
            return _applied(request, feed, unmatched_only=True)
    crumbs = ["KPIs", reverse("kpis:scorecard"), "Allocation", reverse("kpis:allocation"), "Allocate"]
    lede = f"{feed.name}: {spend}"
    return form_page(request, form, "Whose money is this?", "Allocate", crumbs, lede=lede)


@policy(*rules.KEEPERS, methods=("POST",))
def remove_rule(request: Request, pk: int, number: int) -> HttpResponse:
    feed = access.feed_or_404(request.user, pk)
    services.remove_rule(feed.pk, number, by=request.user)
    return _applied(request, feed, unmatched_only=False)


@policy(*rules.KEEPERS, methods=("POST",))
def read_again(request: Request, pk: int) -> HttpResponse:
    """Read the loaded files by the rules and the usage of now."""
    return _applied(request, access.feed_or_404(request.user, pk), unmatched_only=False)


def _applied(request: Request, feed: Feed, *, unmatched_only: bool) -> Any:
    job = services.request_reallocation(feed, by=request.user, unmatched_only=unmatched_only, at_once=ROWS_AT_ONCE)
    if job is not None:
        return redirect(job)
    messages.success(request, f"What {feed.name} has brought is allocated by the rules of now.")
    return redirect("kpis:allocation")
