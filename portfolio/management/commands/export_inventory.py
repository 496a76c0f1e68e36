import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from caio_portal.common.errors import Invalid
from portfolio.inventory import exporting, profiles
from portfolio.inventory.layouts import Layout
from portfolio.inventory.scope import use_cases_of


class Command(BaseCommand):
    help = "Write an inventory as CSV, XLSX or JSON: imported rows cell by cell, own use cases in the same columns."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--profile", default="omb-2025", choices=profiles.names())
        parser.add_argument("--format", default="csv", choices=list(exporting.FORMATS))
        parser.add_argument("--layout", default=Layout.KEPT, choices=list(Layout), help="kept: every cell as it came")
        parser.add_argument("--public", action="store_true", help="leave out what is withheld, and who is in charge")
        parser.add_argument("--unit", default="", help="this unit and those below it; without it the profile's own")
        parser.add_argument("--output", type=Path, help="the file to write; without it, standard output")
        parser.add_argument("--raw", action="store_true", help="no quotation mark before what looks like a formula")

    def handle(self, *args: Any, output: Path | None, raw: bool, **options: Any) -> None:
        profile = profiles.load(options["profile"])
        try:
            lines = list(exporting.lines(profile, use_cases_of(profile, options["unit"])))
        except Invalid as invalid:
            raise CommandError(invalid.sentence) from None
        if options["public"]:
            lines = exporting.published(profile, lines)
        how: dict[str, Any] = {"layout": Layout(options["layout"]), "raw": raw}
        if output is None:
            exporting.write(sys.stdout.buffer, profile, lines, options["format"], **how)
            return
        with output.open("wb") as file:
            exporting.write(file, profile, lines, options["format"], **how)
        imported = sum(line.imported for line in lines)
        found = {"profile": profile.key, "rows": len(lines), "imported": imported, "generated": len(lines) - imported}
        self.stdout.write(json.dumps({**found, "file": str(output), "bytes": output.stat().st_size}))
