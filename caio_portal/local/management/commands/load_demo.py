import json
import os
from datetime import datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date

from caio_portal.local.demo import company, loading, story


class Command(BaseCommand):
    help = "Load the demonstration company; if it is there, only give its sign-ins the password of DEMO_PASSWORD."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anchor", metavar="DATE", help="the last day of the story; else the end of last month")

    def handle(self, *args: Any, **options: Any) -> None:
        password = os.environ.get("DEMO_PASSWORD", "")
        if not password:
            raise CommandError("Set DEMO_PASSWORD: it is the password of every demonstration sign-in.")
        if loading.is_loaded():
            changed = company.readmit(password)
            self.stdout.write(f"The demonstration data are there{', now with this password' if changed else ''}.")
            return
        loaded = loading.load(self._anchor(options["anchor"]), password)
        self.stdout.write(json.dumps(loaded.as_json()))

    def _anchor(self, text: str | None) -> datetime:
        if not text:
            return story.anchor_of(timezone.now())
        if (day := parse_date(text)) is None:
            raise CommandError("The anchor is a day: 2026-10-31.")
        return timezone.make_aware(datetime.combine(day, time(18)))
