"""What workers do for KPIs; each body calls one service and may run twice without harm."""

from datetime import date, timedelta
from typing import Any

from caio_portal.common import jobs


@jobs.handler("kpis.rollup", "Computing of KPI values")
def roll_up(run: jobs.Run) -> dict[str, Any]:
    """A month's families that are marked, in one pass; another job may have done them by now."""
    from kpis.services import rollups

    month = date.fromisoformat(run.payload["month"])
    families = [family for family, marked in rollups.due() if marked == month]
    if run.payload["family"] not in families:
        return {"skipped": True}
    with run.fenced():
        done = rollups.roll_up_month(families, month)
    return {
        "values": sum(rolled.values for rolled in done), "written": sum(rolled.written for rolled in done),
        "revised": sum(rolled.revised for rolled in done),
    }  # fmt: skip


@jobs.handler("kpis.load_feed", "Loading of a file")
def load_feed(run: jobs.Run) -> dict[str, Any]:
    """A file that is too large to be loaded while somebody waits."""
    from caio_portal.accounts.models import User
    from caio_portal.common.models import StoredFile
    from kpis.services import feeds

    file, by = StoredFile.objects.get(pk=run.payload["file"]), User.objects.get(pk=run.payload["by"])
    options: dict[str, Any] = {name: run.payload[name] for name in ("encoding", "skip_invalid")}
    with run.fenced():
        loaded = feeds.load_file(run.payload["feed"], file, by=by, **options)
    return {"rows": loaded.report.rows, "observations": loaded.new, "unchanged": loaded.unchanged}


@jobs.handler("kpis.reallocate", "Allocation of costs")
def reallocate(run: jobs.Run) -> dict[str, Any]:
    """Read the files of a feed again by its rules of now."""
    from caio_portal.accounts.models import User
    from kpis.services import allocation

    by = User.objects.get(pk=run.payload["by"])
    with run.fenced():
        files = allocation.reallocate(run.payload["feed"], by=by, unmatched_only=run.payload["unmatched_only"])
    return {"files": files}


@jobs.handler("kpis.pull_feed", "Pull of a feed")
def pull_feed(run: jobs.Run) -> dict[str, Any]:
    """Fetch and load what a feed's address has."""
    from kpis.services import pulling

    loaded = pulling.pull_feed(run.payload["feed"], run)
    return {"rows": loaded.report.rows, "observations": loaded.new, "unchanged": loaded.unchanged}


@jobs.scheduled("kpis.pull", every=timedelta(hours=1))
def pull(run: jobs.Run) -> dict[str, Any]:
    """Ask for the pulls whose time has come."""
    from kpis.services import pulling

    pulling.forget_pages()
    return {"feeds": pulling.request_due()}


@jobs.scheduled("kpis.rollup_recent", every=timedelta(minutes=15))
def roll_up_recent(run: jobs.Run) -> dict[str, Any]:
    """Records change all the time: this month and the last are computed again, with whatever else is waiting."""
    from kpis.services import definitions, rollups

    definitions.follow_upgrade()
    rollups.record_versions()
    rollups.mark_records(last=2)
    rollups.mark_settled()
    return {"months": len(rollups.roll_up_due(run.progress))}


@jobs.scheduled("kpis.rollup_records", every=timedelta(days=1))
def roll_up_records(run: jobs.Run) -> dict[str, Any]:
    """Acts may be recorded long after they happened: all months of the records."""
    from kpis.services import rollups

    rollups.mark_records()
    return {"months": len(rollups.roll_up_due(run.progress))}


@jobs.scheduled("kpis.watch", every=timedelta(hours=1))
def watch(run: jobs.Run) -> dict[str, Any]:
    """Alerts for what is missed, about to be, used up too fast, or not delivered."""
    from kpis.services import alerts

    with run.fenced():
        watched = alerts.watch()
    return {"raised": watched.raised, "ended": watched.ended, "running": watched.running}
