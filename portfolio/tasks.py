"""What the portfolio does by itself; each job may run twice without harm."""

from datetime import timedelta
from typing import Any

from caio_portal.common import jobs


@jobs.scheduled("portfolio.questionnaires", timedelta(hours=1))
def publish_questionnaires(run: jobs.Run) -> dict[str, Any]:
    """Put versions of the questionnaire in force whose day has come."""
    from portfolio.services import questionnaires

    return {"published": questionnaires.publish_due()}
