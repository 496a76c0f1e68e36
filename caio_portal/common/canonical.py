"""One text for one value (in the manner of RFC 8785), so that a hash names it."""

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel


def canonical_json(value: Any) -> str:
    """Keys sorted by code point, no white space, times as ISO 8601, decimals as strings.

    Raises ValueError for NaN and infinities, TypeError for what has no agreed form.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain)


def sha256(content: str | bytes) -> str:
    """The SHA-256 of CONTENT (text as UTF-8), in hexadecimal."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no canonical form.")
