import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from caio_portal.common.errors import Invalid
from portfolio.inventory import exporting, profiles
from portfolio.inventory.readiness import Readiness, assess
from portfolio.inventory.scope import use_cases_of


class Command(BaseCommand):
    help = "Count the required cells of an inventory that are blank, by agency and column. The last line is JSON."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--profile", default="omb-2025", choices=profiles.names())
        parser.add_argument("--unit", default="", help="this unit and those below it; without it the profile's own")
        parser.add_argument("--json", action="store_true", help="print the JSON line only")

    def handle(self, *args: Any, **options: Any) -> None:
        profile = profiles.load(options["profile"])
        try:
            use_cases = use_cases_of(profile, options["unit"])
        except Invalid as invalid:
            self.stdout.write(json.dumps({"error": invalid.sentence}))
            raise CommandError(invalid.sentence) from None
        readiness = assess(profile, exporting.lines(profile, use_cases))
        if not options["json"]:
            self._print(readiness)
        self.stdout.write(json.dumps(readiness.as_dict(), ensure_ascii=False))

    def _print(self, readiness: Readiness) -> None:
        self.stdout.write(f"{readiness.complete:,} of {readiness.use_cases:,} use cases have all required cells.")
        for name, agency in sorted(readiness.agencies.items(), key=lambda pair: -pair[1].blanks):
            worst = ", ".join(f"{key} {count}" for key, count in agency.blank.most_common(4))
            self.stdout.write(f"{name:8s} {agency.use_cases:5,} use cases {agency.blanks:7,} blank  {worst}")
