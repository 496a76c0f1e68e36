import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from caio_portal.briefings import services
from caio_portal.briefings.models import Audience, Briefing, BriefingState, Rendition
from caio_portal.common import files, jobs
from caio_portal.common.errors import Invalid, NotAllowed
from caio_portal.common.models import JobState
from caio_portal.common.quarters import Quarter


class Command(BaseCommand):
    help = "Render the briefing of a quarter; it is drafted from the records if there is none yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quarter", required=True, metavar="2026Q3")
        parser.add_argument("--output", required=True, type=Path, metavar="FILE")
        parser.add_argument("--audience", choices=Audience.values, default=Audience.BOARD)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            quarter = Quarter(options["quarter"].upper())
            briefing = self._briefing(quarter, options["audience"])
            job = jobs.wait_or_run(services.request_rendition(briefing.pk, by=None).pk)
        except (Invalid, NotAllowed, ValueError) as error:
            raise CommandError(str(error)) from error
        if job.state != JobState.DONE or job.result is None:
            raise CommandError(job.error or f"The job is {job.get_state_display().lower()}.")
        rendition = Rendition.objects.select_related("file").get(pk=job.result["rendition"])
        self._write(options["output"], files.content_of(rendition.file))
        self.stdout.write(
            json.dumps(
                {
                    "pages": rendition.pages, "sha256": rendition.sha256, "snapshot_hash": briefing.snapshot_hash,
                    "audit_seq": briefing.audit_seq, "audit_head": briefing.audit_head, "quarter": briefing.quarter,
                    "audience": briefing.audience, "number": briefing.number,
                }
            )
        )  # fmt: skip

    def _briefing(self, quarter: Quarter, audience: str) -> Briefing:
        """The published briefing, else the approved one, else the last draft, else a new one."""
        rows = list(Briefing.objects.filter(quarter=quarter, audience=audience).order_by("-number"))
        for state in (BriefingState.PUBLISHED, BriefingState.APPROVED, BriefingState.DRAFT):
            if found := next((row for row in rows if row.state == state), None):
                return found
        return services.draft_briefing(quarter, audience, by=None)

    def _write(self, path: Path, content: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
