"""Long work: a row of `job`, asked for in the transaction that needs it, done by whichever worker claims it.

`request()` is the only way to start Celery work. A handler calls one service and may run twice without harm.
"""

from caio_portal.common.jobs.registry import handler, scheduled, title_of
from caio_portal.common.jobs.requests import cancel, request, retry, wait_or_run
from caio_portal.common.jobs.running import Cancelled, Lost, Run, run_here
from caio_portal.common.jobs.sweeping import sweep

__all__ = [
    "Cancelled",
    "Lost",
    "Run",
    "cancel",
    "handler",
    "request",
    "retry",
    "run_here",
    "scheduled",
    "sweep",
    "title_of",
    "wait_or_run",
]
