import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from caio_portal.accounts.models import User
from caio_portal.briefings import services
from caio_portal.briefings.models import Audience, Briefing, BriefingState, Rendition
from caio_portal.common import files, jobs
from caio_portal.common.models import JobState


class Command(BaseCommand):
    help = "Render and publish the briefings that the demonstration company has approved, and write the last as a PDF."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", required=True, type=Path, metavar="FOLDER")

    def handle(self, *args: Any, **options: Any) -> None:
        office = User.objects.filter(email="office@demo.example").first()
        if office is None:
            raise CommandError("There is no demonstration company: load_demo makes it.")
        ours = Briefing.objects.filter(drafted_by=office, audience=Audience.BOARD).order_by("quarter", "number")
        renditions = [self._published(briefing, office) for briefing in ours.filter(state=BriefingState.APPROVED)]
        if not renditions:
            self.stdout.write("No approved briefing waits for its publication.")
            return
        last = renditions[-1]
        path = options["output"] / f"briefing-{last.briefing.quarter}.pdf"
        path.write_bytes(files.content_of(last.file))
        self.stdout.write(json.dumps({"published": len(renditions), "file": str(path), "pages": last.pages}))

    def _published(self, briefing: Briefing, office: User) -> Rendition:
        """Rendered by a worker, or here when none is running."""
        job = jobs.wait_or_run(services.request_rendition(briefing.pk, by=office).pk)
        if job.state != JobState.DONE or job.result is None:
            raise CommandError(job.error or f"The job is {job.get_state_display().lower()}.")
        services.publish_briefing(briefing.pk, by=office)
        return Rendition.objects.select_related("briefing", "file").get(pk=job.result["rendition"])
