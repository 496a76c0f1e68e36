"""Feeds: where figures come from, and what each delivery brought."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from caio_portal.accounts.access import policy
from caio_portal.accounts.selectors import roles_of, units_with_depth
from caio_portal.audit.trail import entries_of
from caio_portal.common.errors import Invalid, require
from caio_portal.common.exports import table_response
from caio_portal.common.http import Request
from caio_portal.common.pages import form_page, render_page
from kpis import access, rules
from kpis.forms import DeliveryForm, FeedForm, ReasonForm
from kpis.models import Feed, FeedBatch
from kpis.selectors.feeds import with_freshness
from kpis.services import feeds, pulling
from kpis.tables import BatchTable, FeedTable
from kpis.views.targets import BOTH


@policy(*rules.READERS)
def feed_list(request: Request) -> HttpResponseBase:
    """Feeds in use; retired ones only for those who ask for them."""
    found = with_freshness(access.feeds_of(request.user))
    if "retired" not in request.GET:
        found = found.filter(retired_at=None)
    table = FeedTable(request.GET, found, path=request.path)
    if table.file_format:
        return table_response(table)
    context = {"table": table, "is_keeper": _is_keeper(request)}
    return render_page(request, "kpis/feed_list.html", context, partials=["feeds"])


@policy(*rules.KEEPERS, methods=BOTH)
def add_feed(request: Request) -> HttpResponse:
    form = FeedForm(request.POST or None, units=_units(request))
    if saved := _saved(request, form):
        return redirect("kpis:feed_detail", saved.pk)
    return form_page(request, form, "Add a feed", "Add the feed", [*crumbs(), "New"])


@policy(*rules.KEEPERS, methods=BOTH)
def edit_feed(request: Request, pk: int) -> HttpResponse:
    feed = access.feed_or_404(request.user, pk)
    require(rules.objection_to_feed(request.user, feed))
    form = FeedForm(request.POST or None, instance=feed, units=_units(request))
    if _saved(request, form):
        return redirect("kpis:feed_detail", pk)
    trail = [*crumbs(), Feed.objects.get(pk=pk).name, reverse("kpis:feed_detail", args=[pk]), "Edit"]
    return form_page(request, form, "Edit the feed", "Save", trail)


@policy(*rules.READERS)
def feed_detail(request: Request, pk: int) -> HttpResponseBase:
    """A feed with its deliveries, and the form that takes the next."""
    feed = access.feed_or_404(request.user, pk)
    table = _batches(request, feed)
    return table_response(table) if table.file_format else feed_page(request, feed, DeliveryForm())


@policy(*rules.KEEPERS, methods=BOTH)
def retire_feed(request: Request, pk: int) -> HttpResponse:
    """Stop a feed; what it brought stays."""
    feed = access.feed_or_404(request.user, pk)
    require(rules.objection_to_feed(request.user, feed))
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        feeds.retire_feed(pk, by=request.user, **form.cleaned_data)
        messages.success(request, f"{feed.name} is retired; its figures stay.")
        return redirect("kpis:feed_list")
    trail = [*crumbs(), feed.name, reverse("kpis:feed_detail", args=[pk]), "Retire"]
    lede = "It takes no more files and is not missed any longer. What it brought stays, and it can be used again."
    return form_page(request, form, f"Retire {feed.name}?", "Retire the feed", trail, lede=lede)


@policy(*rules.KEEPERS, methods=("POST",))
def resume_feed(request: Request, pk: int) -> HttpResponse:
    """Use a retired feed again."""
    feed = access.feed_or_404(request.user, pk)
    feeds.resume_feed(pk, by=request.user)
    messages.success(request, f"{feed.name} takes files again.")
    return redirect("kpis:feed_detail", pk)


@policy(*rules.KEEPERS, methods=("POST",))
def pull_now(request: Request, pk: int) -> HttpResponse:
    """Fetch the feed's file now."""
    feed = access.feed_or_404(request.user, pk)
    try:
        return redirect(pulling.request_pull(feed, by=request.user))
    except Invalid as invalid:
        messages.error(request, invalid.sentence)
    return redirect("kpis:feed_detail", pk)


def feed_page(request: Request, feed: Feed, form: DeliveryForm, *, status: int = 200) -> HttpResponse:
    objection = rules.objection_to_feed(request.user, feed)
    push_url = request.build_absolute_uri(reverse("kpis:push_file", args=[feed.pk]))
    context = {
        "feed": feed, "form": form, "table": _batches(request, feed), "objection": objection, "push_url": push_url,
        "pull": feed.mapping.get("pull"), "events": entries_of(feed, limit=8),
        "may_resume": rules.objection_to_resume_feed(request.user, feed) is None,
    }  # fmt: skip
    return render_page(request, "kpis/feed_detail.html", context, partials=["batches"], status=status)


def _batches(request: Request, feed: Feed) -> BatchTable:
    path = reverse("kpis:feed_detail", args=[feed.pk])
    return BatchTable(request.GET, FeedBatch.objects.filter(feed=feed).select_related("file"), path=path)


def _saved(request: Request, form: Any) -> Feed | None:
    """The feed, if the form was sent and is right."""
    if request.method != "POST" or not form.is_valid():
        return None
    feed = form.save(commit=False)
    if objection := rules.objection_to_feed(request.user, feed):
        form.add_error("unit", objection)
        return None
    return _attempted(form, lambda: feeds.save_feed(feed, by=request.user))


def _attempted(form: Any, act: Callable[[], Feed]) -> Feed | None:
    try:
        return act()
    except Invalid as invalid:
        form.add_error(invalid.field, invalid.sentence)
        return None


def _units(request: Request) -> list[Any]:
    return units_with_depth(roles_of(request.user).unit_ids(*rules.KEEPERS))


def _is_keeper(request: Request) -> bool:
    return roles_of(request.user).has(*rules.KEEPERS)


def crumbs() -> list[str]:
    return ["KPIs", reverse("kpis:scorecard"), "Feeds", reverse("kpis:feed_list")]
