import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from caio_portal.common.errors import Invalid
from governance.policy import Policy, evaluate, files
from governance.policy.explaining import explained
from governance.selectors.policies import policy_in_force
from portfolio import facts

LARGEST = 1_000_000  # bytes


class Command(BaseCommand):
    help = "The tier that a policy gives to facts, with its reasons, controls and route. The last line is JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", help="a JSON object of facts, such as {“decision_role”: “informs”}; - reads it here"
        )
        parser.add_argument("--policy", default="", metavar="FILE", help="a policy file; the one in force without")

    def handle(self, *args: Any, file: str, policy: str, **options: Any) -> None:
        stated = _facts(_read(file))
        chosen = _policy(policy) if policy else policy_in_force()
        self.stdout.write(json.dumps(explained(chosen, evaluate(chosen, stated)), ensure_ascii=False))


def _read(file: str) -> str:
    try:
        raw = sys.stdin.buffer.read(LARGEST + 1) if file == "-" else _bytes(Path(file))
        if len(raw) > LARGEST:
            raise CommandError(f"{file} is larger than {LARGEST:,} bytes.")
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{file} is not UTF-8 text.") from None


def _bytes(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(LARGEST + 1)


def _facts(text: str) -> dict[str, facts.FactValue]:
    """The facts of the text; every one that cannot be read is named."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CommandError(f"This is not JSON: {error}.") from None
    raw = raw.get("facts", raw) if isinstance(raw, dict) else raw
    if not isinstance(raw, dict):
        raise CommandError("A JSON object is expected, with the names of facts as its keys.")
    found, wrong = {}, []
    for name, value in raw.items():
        if value in (None, "", []):
            continue  # unknown
        try:
            found[name] = facts.parse(name, value)
        except facts.Unreadable as unreadable:
            wrong.append(f"{name}: {unreadable}")
    if wrong:
        raise CommandError("\n".join(wrong))
    return found


def _policy(file: str) -> Policy:
    try:
        return files.load(Path(file))
    except Invalid as invalid:
        raise CommandError(invalid.sentence) from None
