"""Feeds: where figures come from, and what each delivery brought."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.files import File
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from caio_portal.accounts.access import policy
from caio_portal.accounts.selectors import roles_of, units_with_depth
from caio_portal.audit.trail import entries_of
from caio_portal.common import files, jobs
from caio_portal.common.errors import Invalid, require
from caio_portal.common.exports import table_response
from caio_portal.common.http import Request
from caio_portal.common.models import StoredFile
from caio_portal.common.pages import form_page, render_page
from kpis import access, rules
from kpis.feed_tables import BatchTable, FeedTable
from kpis.forms import DeliveryForm, FeedForm, RetireFeedForm, WithdrawForm
from kpis.models import Feed, FeedBatch
from kpis.selectors.batches import batch_page
from kpis.selectors.feeds import with_freshness
from kpis.services import feeds, pulling
from kpis.views.targets import BOTH

SALT = "kpis.delivery"
ROWS_AT_ONCE = 20_000  # larger files are loaded by a worker


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
    return form_page(request, form, "Add a feed", "Add the feed", [*_crumbs(), "New"])


@policy(*rules.KEEPERS, methods=BOTH)
def edit_feed(request: Request, pk: int) -> HttpResponse:
    feed = access.feed_or_404(request.user, pk)
    require(rules.objection_to_feed(request.user, feed))
    form = FeedForm(request.POST or None, instance=feed, units=_units(request))
    if _saved(request, form):
        return redirect("kpis:feed_detail", pk)
    crumbs = [*_crumbs(), Feed.objects.get(pk=pk).name, reverse("kpis:feed_detail", args=[pk]), "Edit"]
    return form_page(request, form, "Edit the feed", "Save", crumbs)


@policy(*rules.READERS)
def feed_detail(request: Request, pk: int) -> HttpResponseBase:
    """A feed with its deliveries, and the form that takes the next."""
    feed = access.feed_or_404(request.user, pk)
    table = _batches(request, feed)
    return table_response(table) if table.file_format else _feed_page(request, feed, DeliveryForm())


@policy(*rules.KEEPERS, methods=BOTH)
def retire_feed(request: Request, pk: int) -> HttpResponse:
    """Stop a feed; what it brought stays."""
    feed = access.feed_or_404(request.user, pk)
    require(rules.objection_to_feed(request.user, feed))
    form = RetireFeedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        feeds.retire_feed(pk, by=request.user, **form.cleaned_data)
        messages.success(request, f"{feed.name} is retired; its figures stay.")
        return redirect("kpis:feed_list")
    crumbs = [*_crumbs(), feed.name, reverse("kpis:feed_detail", args=[pk]), "Retire"]
    lede = "It takes no more files and is not missed any longer. What it brought stays, and it can be used again."
    return form_page(request, form, f"Retire {feed.name}?", "Retire the feed", crumbs, lede=lede)


@policy(*rules.KEEPERS, methods=("POST",))
def resume_feed(request: Request, pk: int) -> HttpResponse:
    """Use a retired feed again."""
    feed = access.feed_or_404(request.user, pk)
    feeds.resume_feed(pk, by=request.user)
    messages.success(request, f"{feed.name} takes files again.")
    return redirect("kpis:feed_detail", pk)


@policy(*rules.KEEPERS, methods=("POST",))
def try_file(request: Request, pk: int) -> HttpResponse:
    """Look at a file: what it would bring, and what cannot be used."""
    feed = access.feed_or_404(request.user, pk)
    require(rules.objection_to_feed(request.user, feed))
    form = DeliveryForm(request.POST, request.FILES)
    if not form.is_valid():
        return _feed_page(request, feed, form, status=422)
    upload, encoding = form.cleaned_data["file"], form.cleaned_data["encoding"]
    stored = files.store(upload.name, File(upload), upload.content_type or "application/octet-stream")
    try:
        report = feeds.try_file(feed, stored, encoding=encoding)
    except Invalid as invalid:
        form.add_error("file", invalid.sentence)
        return _feed_page(request, feed, form, status=422)
    context = {
        "feed": feed, "file": stored, "token": signing.dumps([feed.pk, stored.pk], salt=SALT), "report": report,
        "encoding": encoding, "usable": report.rows - report.rejected, "amounts": sorted(report.amounts.items()),
        "warnings": sorted(report.warnings.items()),
    }  # fmt: skip
    return render_page(request, "kpis/delivery.html", context)


@policy(*rules.KEEPERS, methods=("POST",))
def load_file(request: Request, pk: int) -> HttpResponse:
    """Load a file that was looked at; a large one by a worker."""
    feed = access.feed_or_404(request.user, pk)
    require(rules.objection_to_feed(request.user, feed))
    stored = _tried(request, feed)
    options: dict[str, Any] = {
        "encoding": request.POST.get("encoding", ""),
        "skip_invalid": "skip_invalid" in request.POST,
    }
    if request.POST.get("rows", "").isdecimal() and int(request.POST["rows"]) > ROWS_AT_ONCE:
        payload = {"feed": feed.pk, "file": stored.pk, "by": request.user.pk, **options}
        return redirect(jobs.request("kpis.load_feed", f"{feed.pk}:{stored.uuid}", payload, by=request.user))
    try:
        loaded = feeds.load_file(feed.pk, stored, by=request.user, **options)
    except Invalid as invalid:
        messages.error(request, invalid.sentence)
    else:
        sentence = (
            f"{loaded.new:,} observations are loaded." if not loaded.unchanged else "This file was loaded before."
        )
        messages.success(request, sentence)
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


@policy(*rules.KEEPERS, methods=BOTH)
def withdraw_batch(request: Request, pk: int) -> HttpResponse:
    """Take a delivery back."""
    batch = access.batch_or_404(request.user, pk)
    require(rules.objection_to_withdraw(request.user, batch))
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        feeds.withdraw_batch(pk, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, "The batch is withdrawn; what it counted in is computed again.")
        return redirect("kpis:feed_detail", batch.feed_id)
    crumbs = [*_crumbs(), batch.feed.name, reverse("kpis:feed_detail", args=[batch.feed_id]), "Withdraw"]
    title = f"Withdraw {batch.scope or batch.file or batch}?"
    return form_page(request, form, title, "Withdraw", crumbs, lede="Its observations are taken out; the file is kept.")


@policy(*rules.READERS)
def batch_detail(request: Request, pk: int) -> HttpResponse:
    """What a delivery brought, what of it could not be used, and which figures it changed."""
    batch = access.batch_or_404(request.user, pk)
    context = {"page": batch_page(batch), "batch": batch, "feed": batch.feed,
               "objection": rules.objection_to_withdraw(request.user, batch)}  # fmt: skip
    return render_page(request, "kpis/batch.html", context)


@policy(*rules.READERS)
def download_batch(request: Request, pk: int) -> HttpResponseBase:
    """The file of a batch as it came."""
    batch: FeedBatch = access.batch_or_404(request.user, pk)
    return files.download(get_object_or_404(StoredFile, pk=batch.file_id))


def _tried(request: Request, feed: Feed) -> StoredFile:
    """The file that this person was shown the report of; no other can be named."""
    try:
        feed_id, file_id = signing.loads(request.POST.get("file", ""), salt=SALT, max_age=24 * 3600)
    except signing.BadSignature:
        raise Http404("There is no such file.") from None
    return get_object_or_404(StoredFile, pk=file_id if feed_id == feed.pk else None)


def _feed_page(request: Request, feed: Feed, form: DeliveryForm, *, status: int = 200) -> HttpResponse:
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


def _crumbs() -> list[str]:
    return ["KPIs", reverse("kpis:scorecard"), "Feeds", reverse("kpis:feed_list")]
