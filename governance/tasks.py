"""What governance does by itself; each job may run twice without harm."""

from datetime import timedelta
from typing import Any

from caio_portal.common import jobs


@jobs.scheduled("governance.clocks", timedelta(hours=1))
def run_clocks(run: jobs.Run) -> dict[str, Any]:
    """Close votes whose deadline has passed, suspend, expire, and remind."""
    from governance.services import approvals, conditions, steps, votes

    return {
        "closed": votes.close_due_votes(),
        "expired": approvals.expire_approvals(),
        "suspended": approvals.suspend_overdue(),
        "reminded": steps.remind() + conditions.remind_of_conditions(),
    }
