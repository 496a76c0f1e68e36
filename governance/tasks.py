"""What governance does by itself; each job may run twice without harm."""

from datetime import timedelta
from typing import Any

from caio_portal.common import jobs


@jobs.scheduled("governance.clocks", timedelta(hours=1))
def run_clocks(run: jobs.Run) -> dict[str, Any]:
    """Close votes whose deadline has passed, suspend, expire, and remind."""
    from governance.services import approvals, conditions, conflicts, policies, rereviews, steps, votes

    policies.begin_due_policy()
    conflicts.step_aside_where_declared()
    return {
        "closed": votes.close_due_votes(),
        "expired": approvals.expire_approvals(),
        "suspended": approvals.suspend_overdue(),
        "reopened": rereviews.open_due_rereviews(),
        "escalated": steps.escalate(),
        "reminded": steps.remind() + conditions.remind_of_conditions(),
    }


@jobs.handler("governance.try_policy", "Trial of a policy")
def try_policy(run: jobs.Run) -> dict[str, Any]:
    """Try a draft over the whole portfolio; a second run replaces what the first one found."""
    from governance.models import PolicyVersion
    from governance.services import policies

    trial = policies.keep_trial(run.payload["policy"], run.progress)
    return {"url": f"{PolicyVersion.objects.get(pk=trial.version_id).get_absolute_url()}trial/"}


@jobs.handler("governance.apply_policy", "Tiering by a policy")
def apply_policy(run: jobs.Run) -> dict[str, Any]:
    """Tier the portfolio by a policy that has begun, and open the reviews that this makes necessary."""
    from governance.services import applying

    return applying.apply_policy(run.payload["policy"], run.progress)


@jobs.handler("governance.announce_policy", "News of a policy")
def announce_policy(run: jobs.Run) -> dict[str, Any]:
    """Tell those who wait for a decision what a published policy changes for them; a second run tells nobody twice."""
    from governance.services import announcing

    return {"told": announcing.announce_policy(run.payload["policy"])}


@jobs.handler("governance.meeting_papers", "Papers of a meeting")
def meeting_papers(run: jobs.Run) -> dict[str, Any]:
    """Make the pack or the minutes of a meeting as a PDF; a second run makes the same again."""
    from governance import papers

    meeting = papers.make(run.payload["meeting"], run.payload["paper"])
    return {"url": f"{meeting.get_absolute_url()}papers/{run.payload['paper']}/"}
