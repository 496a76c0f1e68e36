import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kpis.services import definitions, rollups


class Command(BaseCommand):
    help = "Compute the KPIs of what changed (or all); the last line is JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="compute every month from scratch")
        parser.add_argument(
            "--check", action="store_true", help="compute every month, write nothing, fail on a difference"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"] and not options["all"]:
            rollups.roll_up_due()
        if options["check"]:
            self._check()
            return
        definitions.follow_upgrade()
        rollups.record_versions()
        if options["all"]:
            rollups.mark_everything()
        else:
            rollups.mark_records(last=2)
            rollups.mark_settled()
        done = rollups.roll_up_due()
        self.stdout.write(
            json.dumps(
                {
                    "rollups": len(done),
                    "values": sum(rolled.values for rolled in done),
                    "written": sum(rolled.written for rolled in done),
                    "revised": sum(rolled.revised for rolled in done),
                }
            )
        )

    def _check(self) -> None:
        differing = rollups.changes_of_recomputing()
        names = [f"{rolled.family} {rolled.month:%Y-%m}" for rolled in differing]
        self.stdout.write(json.dumps({"differences": sum(rolled.written for rolled in differing), "where": names}))
        if differing:
            raise CommandError("Values differ from what their inputs give; rollup_kpis --all writes them anew.")
