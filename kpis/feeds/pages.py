"""Answers that come page by page: where the next page is, and how all of them become one file."""

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from caio_portal.common.errors import Invalid
from kpis.feeds.source import parsed

MOST = 500
CURSOR_CHARACTERS = 2_000


def after(url: str, content: bytes) -> str | None:
    """The address of the page that follows, on the same host; None if this is the last, or no page at all."""
    if not content.lstrip().startswith(b"{"):
        return None
    name, cursor = _cursor(parsed(content, "The answer"))
    if cursor is None:
        return None
    text = str(cursor)
    if not text or isinstance(cursor, dict | list | bool) or len(text) > CURSOR_CHARACTERS:
        raise Invalid("The answer says that more pages follow, and not how to ask for them.")
    return _whole(url, text) if "://" in text or text.startswith("/") else _with(url, name, text)


def joined(pages: Iterable[bytes]) -> bytes:
    """One file: a single page as it came, several as a JSON array of them, byte for byte."""
    found = list(pages)
    return found[0] if len(found) == 1 else b"[" + b",\n".join(found) + b"]"


def once(pages: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The pages in a file; one that stands there twice would count twice, and is refused."""
    known: set[bytes] = set()
    for number, page in pages:
        digest = sha256(json.dumps(page, sort_keys=True, default=str).encode()).digest()
        if digest in known:
            raise Invalid(f"Page {number} of the file is the same as one before it.", field="file")
        known.add(digest)
        yield number, page


def _cursor(answer: Mapping[str, Any]) -> tuple[str, Any]:
    """What to ask for next, and the name to ask by; gateways number their pages, others hand out cursors.

    Of LiteLLM (metadata.page), OpenAI and Anthropic (next_page), MLflow (next_page_token).
    """
    told = answer.get("metadata")
    if isinstance(told, Mapping) and told.get("has_more"):
        page = told.get("page")
        return "page", page + 1 if isinstance(page, int) and not isinstance(page, bool) else ""
    if answer.get("has_more"):
        return "page", answer.get("next_page") or ""
    return "page_token", answer.get("next_page_token") or None


def _with(url: str, name: str, cursor: str) -> str:
    """The same address with this one parameter; the rest of it stays letter for letter."""
    address = urlsplit(url)
    kept = [part for part in address.query.split("&") if part and part.partition("=")[0] != name]
    query = "&".join([*kept, f"{name}={quote(cursor, safe='')}"])
    return urlunsplit((address.scheme, address.netloc, address.path, query, ""))


def _whole(url: str, told: str) -> str:
    """An address that the answer gives itself: only one of the same host, asked in the same way."""
    here, there = urlsplit(url), urlsplit(told)
    if told.startswith("/") and not told.startswith("//"):
        return urlunsplit((here.scheme, here.netloc, there.path, there.query, ""))
    if (there.scheme, there.netloc.lower()) != (here.scheme, here.netloc.lower()):
        raise Invalid(f"The next page would be elsewhere than at {here.netloc}; the portal does not go there.")
    return told
