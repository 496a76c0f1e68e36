"""What workers do for vendors."""

from datetime import timedelta
from typing import Any

from caio_portal.common import clock, jobs
from caio_portal.common.quarters import Quarter

SETTLED_AFTER = 30  # days


@jobs.scheduled("vendors.compute_scorecards", every=timedelta(days=1))
def compute_scorecards(run: jobs.Run) -> dict[str, Any]:
    """Every day the scorecards of the running quarter, and of the last one while its sources may still deliver."""
    from vendors import scoring

    running = Quarter.of(clock.today())
    wanted = [running] if (clock.today() - running.first_day).days > SETTLED_AFTER else [running.previous, running]
    done = {}
    for step, quarter in enumerate(wanted):
        run.progress(step, len(wanted))
        done[str(quarter)] = scoring.compute_scorecards(quarter)
    return done
