import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from caio_portal.audit.verification import export_trail, verify_trail


class Command(BaseCommand):
    help = "Verify the audit trail from its first event to its last; exits with 1 if it was altered."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--checkpoint", metavar="SEQ:HEAD", help="a number and head kept elsewhere, as printed in a PDF"
        )
        parser.add_argument("--export", metavar="FILE", help="also write the trail as CSV for the independent verifier")

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify_trail(self._checkpoint(options["checkpoint"]))
        if options["export"]:
            with open(options["export"], "w", newline="", encoding="utf-8") as file:
                export_trail(file)
        self.stdout.write("The audit trail is whole." if verdict.whole else f"BROKEN: {verdict.problem}")
        self.stdout.write(json.dumps({
            "whole": verdict.whole, "events": verdict.events, "head": verdict.head, "problem": verdict.problem,
        }))  # fmt: skip
        if not verdict.whole:
            raise SystemExit(1)

    def _checkpoint(self, text: str | None) -> tuple[int, str] | None:
        if not text:
            return None
        seq, _, head = text.partition(":")
        if not seq.isdigit() or not head:
            raise CommandError("A checkpoint is a number, a colon and a head: 1234:ab12…")
        return int(seq), head.lower()
