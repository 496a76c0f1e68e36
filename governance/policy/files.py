"""Policy documents as files: the first versions, and the editor's interchange format."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from caio_portal.common.errors import Invalid
from governance.policy.schema import Policy

SHIPPED = Path(__file__).with_name("2026-11.toml")


def load(path: Path) -> Policy:
    """Read a policy file; raises Invalid with one line per mistake."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(f"{path.name} cannot be read: {error}") from error
    return parse(raw, path.name)


def parse(raw: dict[str, Any], name: str = "The policy") -> Policy:
    """Check a policy document; raises Invalid with one line per mistake."""
    try:
        return Policy.model_validate(raw)
    except ValidationError as error:
        lines = [f"{place(mistake['loc'], raw)}: {mistake['msg']}" for mistake in error.errors()]
        raise Invalid(f"{name} is not a valid policy.\n" + "\n".join(lines)) from error


@cache
def shipped() -> Policy:
    """The policy that the portal brings along."""
    return load(SHIPPED)


def place(loc: tuple[int | str, ...], raw: Any) -> str:
    """Where a mistake is, with the id of the table it is in when that has one."""
    words: list[str] = []
    for key in loc:
        try:
            raw = raw[key]
        except (KeyError, IndexError, TypeError):
            raw = None
        identity = raw.get("id") if isinstance(raw, dict) else None
        words.append(str(identity or key))
    return ".".join(words) or "document"
