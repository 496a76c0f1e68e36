"""Deliveries: a file is looked at, loaded, taken back, and loaded again."""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.files import File
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from caio_portal.accounts.access import policy
from caio_portal.common import files, jobs
from caio_portal.common.errors import Invalid, require
from caio_portal.common.http import Request
from caio_portal.common.models import StoredFile
from caio_portal.common.pages import form_page, render_page
from kpis import access, rules
from kpis.forms import DeliveryForm, ReasonForm
from kpis.models import Feed, FeedBatch
from kpis.selectors.batches import batch_page
from kpis.services import feeds
from kpis.views.feeds import crumbs, feed_page
from kpis.views.targets import BOTH

SALT = "kpis.delivery"
LEDE = (
    "Its observations are taken out; the file is kept. What it replaced does not come back by itself: that file can be"
    " loaded again from the page of its batch."
)
ROWS_AT_ONCE = 20_000  # larger files are loaded by a worker


@policy(*rules.KEEPERS, methods=("POST",))
def try_file(request: Request, pk: int) -> HttpResponse:
    """Look at a file: what it would bring, and what cannot be used."""
    feed = access.feed_or_404(request.user, pk)
    require(rules.objection_to_feed(request.user, feed))
    form = DeliveryForm(request.POST, request.FILES)
    if not form.is_valid():
        return feed_page(request, feed, form, status=422)
    upload, encoding = form.cleaned_data["file"], form.cleaned_data["encoding"]
    stored = files.store(upload.name, File(upload), upload.content_type or "application/octet-stream")
    try:
        return _report(request, feed, stored, encoding)
    except Invalid as invalid:
        form.add_error("file", invalid.sentence)
        return feed_page(request, feed, form, status=422)


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
def try_again(request: Request, pk: int) -> HttpResponse:
    """Look at the file of a batch that no longer counts, to load it once more."""
    batch = access.batch_or_404(request.user, pk)
    require(rules.objection_to_load_again(request.user, batch))
    assert batch.file
    try:
        return _report(request, batch.feed, batch.file, batch.report.get("encoding", ""))
    except Invalid as invalid:
        messages.error(request, invalid.sentence)
    return redirect("kpis:batch_detail", pk)


@policy(*rules.KEEPERS, methods=BOTH)
def withdraw_batch(request: Request, pk: int) -> HttpResponse:
    """Take a delivery back."""
    batch = access.batch_or_404(request.user, pk)
    require(rules.objection_to_withdraw(request.user, batch))
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        feeds.withdraw_batch(pk, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, "The batch is withdrawn; what it counted in is computed again.")
        return redirect("kpis:feed_detail", batch.feed_id)
    trail = [*crumbs(), batch.feed.name, reverse("kpis:feed_detail", args=[batch.feed_id]), "Withdraw"]
    title = f"Withdraw {batch.scope or batch.file or batch}?"
    return form_page(request, form, title, "Withdraw", trail, lede=LEDE)


@policy(*rules.READERS)
def batch_detail(request: Request, pk: int) -> HttpResponse:
    """What a delivery brought, what of it could not be used, and which figures it changed."""
    batch = access.batch_or_404(request.user, pk)
    context = {
        "page": batch_page(batch), "batch": batch, "feed": batch.feed,
        "objection": rules.objection_to_withdraw(request.user, batch),
        "may_load_again": rules.objection_to_load_again(request.user, batch) is None,
    }  # fmt: skip
    return render_page(request, "kpis/batch.html", context)


@policy(*rules.READERS)
def download_batch(request: Request, pk: int) -> HttpResponseBase:
    """The file of a batch as it came."""
    batch: FeedBatch = access.batch_or_404(request.user, pk)
    return files.download(get_object_or_404(StoredFile, pk=batch.file_id))


def _report(request: Request, feed: Feed, file: StoredFile, encoding: str) -> HttpResponse:
    """What a file would bring, and the button that loads it; raises Invalid."""
    report = feeds.try_file(feed, file, encoding=encoding)
    context = {
        "feed": feed, "file": file, "token": signing.dumps([feed.pk, file.pk], salt=SALT), "report": report,
        "encoding": encoding, "usable": report.rows - report.rejected, "amounts": sorted(report.amounts.items()),
        "warnings": sorted(report.warnings.items()),
    }  # fmt: skip
    return render_page(request, "kpis/delivery.html", context)


def _tried(request: Request, feed: Feed) -> StoredFile:
    """The file that this person was shown the report of; no other can be named."""
    try:
        feed_id, file_id = signing.loads(request.POST.get("file", ""), salt=SALT, max_age=24 * 3600)
    except signing.BadSignature:
        raise Http404("There is no such file.") from None
    return get_object_or_404(StoredFile, pk=file_id if feed_id == feed.pk else None)
