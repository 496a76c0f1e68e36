"""What workers do for briefings."""

from typing import Any

from caio_portal.common import jobs


@jobs.handler("briefing.render", "Rendering of a briefing")
def render_briefing(run: jobs.Run) -> dict[str, Any]:
    """Make the PDF that was asked for; a second run finds it made."""
    from caio_portal.briefings import services

    return services.render_briefing(run)
