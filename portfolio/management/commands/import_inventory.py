import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from caio_portal.common import files
from caio_portal.common.errors import Invalid
from caio_portal.common.uploads.limits import Refused
from portfolio.inventory import importing, profiles
from portfolio.inventory.importing import Order, Rejected
from portfolio.inventory.reports import Report

_SHOWN = 20


class Command(BaseCommand):
    help = "Import an inventory of use cases (CSV, also gzipped, or XLSX): all rows or none. The last line is JSON."
    # Checks read the address table and every template: nothing of that is needed to import.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--profile", default="omb-2025", choices=profiles.names())
        parser.add_argument("--unit", default="", help="the unit that the rows go under; made if it is not there")
        parser.add_argument("--encoding", default="", choices=["", "utf-8", "utf-16", "windows-1252"])
        parser.add_argument("--skip-invalid", action="store_true", help="import the other rows when some have errors")
        parser.add_argument("--dry-run", action="store_true", help="do everything, then roll it back")
        parser.add_argument("--json", action="store_true", help="print the JSON line only")

    def handle(self, *args: Any, file: Path, json: bool, **options: Any) -> None:
        order = Order(
            profile=options["profile"],
            unit=options["unit"],
            encoding=options["encoding"],
            skip_invalid=options["skip_invalid"],
            dry_run=options["dry_run"],
        )
        try:
            report = _import(file, order)
        except Rejected as rejected:
            self._print(rejected.report, quiet=json)
            raise CommandError(rejected.sentence, returncode=1) from None
        except (Refused, Invalid) as refused:
            self.stdout.write(_line({"error": refused.sentence}))
            raise CommandError(refused.sentence, returncode=1) from None
        self._print(report, quiet=json)

    def _print(self, report: Report, *, quiet: bool) -> None:
        if not quiet:
            for problem in report.problems[:_SHOWN]:
                self.stdout.write("line {line}, {column}: {message} [{value}]".format(**problem))
            if len(report.problems) > _SHOWN:
                self.stdout.write(f"... and {len(report.problems) - _SHOWN:,} more")
        self.stdout.write(_line(report.figures()))


def _import(path: Path, order: Order) -> Report:
    try:
        file = path.open("rb")
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
    with file:
        delivery = importing.examine(file, order)
        with transaction.atomic():
            stored = None if order.dry_run else files.store(path.name, File(file), "application/octet-stream")
            return importing.import_delivery(delivery, order, stored, by=None)


def _line(result: dict[str, Any]) -> str:
    return json.dumps(result, ensure_ascii=False)
