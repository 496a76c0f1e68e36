import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from caio_portal.accounts.models import OrgUnit
from caio_portal.common import files, stamps
from caio_portal.common.errors import Invalid
from caio_portal.common.models import StoredFile
from kpis.models import DeliveryStyle, Feed, FeedKind
from kpis.services import feeds, rollups


class Command(BaseCommand):
    help = "Load a file into a feed, whole or not at all, and compute what changed; the last line is JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--feed", required=True, help="the feed's name; it is made if it is not there")
        parser.add_argument("--kind", default=FeedKind.FOCUS, choices=FeedKind.values)
        parser.add_argument("--style", default=DeliveryStyle.REPLACEMENT, choices=DeliveryStyle.values)
        parser.add_argument("--unit", default="", help="of a new feed: who gets what maps to no use case")
        parser.add_argument("--mapping", default="{}", help="of a new feed: its rules and columns, as JSON")
        parser.add_argument("--zone", default="UTC", help="of a new feed: the time zone of times without one")
        parser.add_argument("--date-format", default="mdy", choices=["mdy", "dmy"], help="of a new feed")
        parser.add_argument("--currency", default="USD", help="of a new feed")
        parser.add_argument("--encoding", default="", choices=["", "utf-8", "utf-16", "windows-1252"])
        parser.add_argument("--skip-invalid", action="store_true", help="load the other rows when some have errors")
        parser.add_argument("--dry-run", action="store_true", help="report what would be loaded")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            with transaction.atomic():
                result = self._load(file, options)
                transaction.set_rollback(options["dry_run"])
        except Invalid as invalid:
            self.stdout.write(json.dumps({"error": invalid.sentence}, ensure_ascii=False))
            raise CommandError(invalid.sentence) from None
        if not options["dry_run"]:
            rollups.roll_up_due()
        self.stdout.write(json.dumps(result, ensure_ascii=False))

    def _load(self, file: Path, options: dict[str, Any]) -> dict[str, Any]:
        stamps.read()
        feed = _feed(options)
        stored = _stored(file)
        if options["dry_run"]:
            return {"feed": feed.name, **feeds.try_file(feed, stored, encoding=options["encoding"]).as_dict()}
        loaded = feeds.load_file(
            feed.pk, stored, by=None, encoding=options["encoding"], skip_invalid=options["skip_invalid"]
        )
        counts = {"observations": loaded.observations, "new": loaded.new, "unchanged": loaded.unchanged}
        return {"feed": feed.name, **counts, **loaded.report.as_dict()}


def _feed(options: dict[str, Any]) -> Feed:
    known = Feed.objects.filter(name=options["feed"]).first()
    if known is not None:
        return known
    units = OrgUnit.objects.filter(name=options["unit"]) if options["unit"] else OrgUnit.objects.filter(parent=None)
    unit = units.first()
    if unit is None:
        raise CommandError("A new feed needs --unit with the name of a unit.")
    new = Feed(name=options["feed"], unit=unit, mapping=_mapping(options["mapping"]),
               **{name: options[name] for name in ("kind", "style", "zone", "date_format", "currency")})  # fmt: skip
    return feeds.save_feed(new, by=None)


def _mapping(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise CommandError(f"The mapping is not valid JSON: {error}.") from None


def _stored(path: Path) -> StoredFile:
    try:
        with path.open("rb") as file:
            return files.store(path.name, File(file), "application/octet-stream")
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
