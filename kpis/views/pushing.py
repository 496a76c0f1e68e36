"""Deliveries by programs: a token for each feed, the address that takes files, and what they must look like."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from caio_portal.accounts.access import PUBLIC, policy
from caio_portal.common.errors import Invalid, require
from caio_portal.common.http import Request
from caio_portal.common.models import JobState
from caio_portal.common.pages import render_page
from caio_portal.common.uploads.limits import TEXT_BYTES
from kpis import access, catalogue, rules
from kpis.feeds.focus import REQUIRED as COST_COLUMNS
from kpis.feeds.observations import KNOWN, NEEDED, REQUIRED
from kpis.models import FeedKind
from kpis.services import pushing

LONGEST_KEY = 200


@policy(*rules.KEEPERS, methods=("POST",))
def make_token(request: Request, pk: int) -> HttpResponse:
    """A new token, shown this once."""
    feed = access.feed_or_404(request.user, pk)
    require(rules.objection_to_feed(request.user, feed))
    token = pushing.make_token(feed, by=request.user)
    return render_page(request, "kpis/feed_token.html", {"feed": feed, "token": token})


@csrf_exempt  # a token is sent on purpose, a cookie is not: nobody can be made to send one
@policy(PUBLIC, methods=("POST",))
def push_file(request: Request, pk: int) -> JsonResponse:
    """Take a file from a program: 202 with the job that loads it, and the same job for the same key."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    found = pushing.pusher(pk, secret.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        return _refusal(401, "A valid token of this feed is needed: Authorization: Bearer …", WWW_Authenticate="Bearer")
    key = request.headers.get("Idempotency-Key", "")
    if not 0 < len(key) <= LONGEST_KEY:
        return _refusal(400, f"An Idempotency-Key of at most {LONGEST_KEY} characters is needed.")
    content = request.read(TEXT_BYTES + 1)
    if len(content) > TEXT_BYTES:
        return _refusal(413, f"A file may have {TEXT_BYTES >> 20} MB.")
    if not content:
        return _refusal(400, "The file is empty.")
    feed, by = found
    name, media_type = request.headers.get("X-File-Name", "pushed"), request.content_type or "application/octet-stream"
    try:
        job = pushing.receive(feed, content, name=name, media_type=media_type, key=key, by=by)
    except Invalid as invalid:
        return _refusal(409, invalid.sentence)
    failed = job.state == JobState.FAILED
    answer = {"job": job.pk, "state": job.state, "error": job.error if failed else "", "result": job.result}
    return JsonResponse(answer, status=422 if failed else 200 if job.state == JobState.DONE else 202)


@policy(*rules.READERS)
def feed_schema(request: Request, pk: int) -> JsonResponse:
    """What the files of a feed must hold, as a JSON schema."""
    feed = access.feed_or_404(request.user, pk)
    schema = _SCHEMAS.get(feed.kind, lambda: {"description": feed.get_kind_display()})()
    return JsonResponse({"$schema": "https://json-schema.org/draft/2020-12/schema", "title": feed.name, **schema})


def _observations() -> dict[str, Any]:
    """An array of observations; what a row needs beside date and measure depends on the measure."""
    measures = catalogue.current().measures
    properties: dict[str, Any] = {name: {"type": ["string", "null"]} for name in KNOWN}
    properties |= {name: {"type": ["number", "string", "null"]} for name in ("num", "den", "n", "amount")}
    properties["date"] = {"type": "string", "description": "A day or moment, as ISO 8601."}
    properties["measure"] = {"enum": sorted(measures)}
    rules_of = [
        {
            "if": {"properties": {"measure": {"enum": sorted(key for key, one in measures.items() if one.uom == uom)}}},
            "then": {"required": list(needed)},
        }
        for uom, needed in NEEDED.items()
    ]
    row = {"type": "object", "required": list(REQUIRED), "properties": properties, "allOf": rules_of}
    return {"type": "array", "items": row}


def _cost_file() -> dict[str, Any]:
    """An array of FOCUS rows; columns beyond those required are read as far as they are known, and kept."""
    properties: dict[str, Any] = {
        name: {"type": ["number", "string"]} if name.endswith("Cost") else {"type": "string"} for name in COST_COLUMNS
    }
    properties["Tags"] = {"type": ["object", "string", "null"]}
    return {"type": "array", "items": {"type": "object", "required": list(COST_COLUMNS), "properties": properties}}


def _provider_page() -> dict[str, Any]:
    results = {"type": "array", "items": {"type": "object"}}
    bucket = {
        "type": "object", "required": ["results"], "properties": {"results": results},
        "anyOf": [{"required": ["start_time"]}, {"required": ["starting_at"]}],
    }  # fmt: skip
    return {"type": "object", "required": ["data"], "properties": {"data": {"type": "array", "items": bucket}}}


def _prometheus_answer() -> dict[str, Any]:
    series = {"type": "object", "required": ["metric"], "properties": {"metric": {"type": "object"}}}
    kinds, result = {"enum": ["matrix", "vector"]}, {"type": "array", "items": series}
    found = {"type": "object", "required": ["resultType", "result"],
             "properties": {"resultType": kinds, "result": result}}  # fmt: skip
    return {"type": "object", "required": ["status", "data"],
            "properties": {"status": {"const": "success"}, "data": found}}  # fmt: skip


_SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    FeedKind.OBSERVATIONS: _observations,
    FeedKind.FOCUS: _cost_file,
    FeedKind.PROVIDER: _provider_page,
    FeedKind.PROMETHEUS: _prometheus_answer,
}


def _refusal(status: int, sentence: str, **headers: str) -> JsonResponse:
    response = JsonResponse({"error": sentence}, status=status)
    for name, value in headers.items():
        response[name.replace("_", "-")] = value
    return response
