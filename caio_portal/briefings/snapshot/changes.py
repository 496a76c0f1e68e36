"""What happened in the quarter, from the records."""

from caio_portal.briefings.snapshot.cases import Case, Cases
from caio_portal.briefings.snapshot.schema import Change, Decisions, Incidents, Tone, Vendors
from caio_portal.briefings.snapshot.scope import Scope
from caio_portal.common import words
from governance.models import PolicyState, PolicyVersion
from portfolio.models import StageMove
from portfolio.stages import Stage

AT_MOST = 9
NOTABLE = 3  # points of a vendor's total


def changes(
    scope: Scope, cases: Cases, decisions: Decisions, incidents: Incidents, vendors: Vendors
) -> tuple[Change, ...]:
    found = [
        *_policies(scope),
        *_moves(scope, cases),
        *_decisions(decisions),
        *_incidents(incidents),
        *_vendors(scope, vendors),
    ]
    return tuple(found[:AT_MOST])


def _policies(scope: Scope) -> list[Change]:
    published = PolicyVersion.objects.exclude(state=PolicyState.DRAFT).filter(
        valid_from__gte=scope.begins.date(), valid_from__lte=scope.last_day
    )
    return [
        Change(
            title=f"Policy {version.number} took effect", detail="Tiers, controls and routes follow it since.",
            on=version.valid_from, tone="info", link=version.get_absolute_url(),
        )
        for version in published.order_by("valid_from")
        if version.valid_from
    ]  # fmt: skip


def _moves(scope: Scope, cases: Cases) -> list[Change]:
    by_key = {case.row.pk: case for case in cases.all}
    moves = StageMove.objects.filter(
        use_case__in=by_key,
        moved_at__gte=scope.begins,
        moved_at__lt=scope.ends,
        after__in=[Stage.PRODUCTION, Stage.RETIRED],
    )
    found: dict[str, list[tuple[Case, StageMove]]] = {Stage.PRODUCTION: [], Stage.RETIRED: []}
    for move in moves.order_by("moved_at", "pk"):
        found[move.after].append((by_key[move.use_case_id], move))
    changes_ = []
    for stage, said, tone in ((Stage.PRODUCTION, "went into production", "good"), (Stage.RETIRED, "retired", "info")):
        if rows := found[stage]:
            changes_.append(_moved(rows, said, tone))  # type: ignore[arg-type]
    return changes_


def _moved(rows: list[tuple[Case, StageMove]], said: str, tone: Tone) -> Change:
    high = sum(case.high for case, _ in rows)
    verb = said if said.startswith("went") else ("was retired" if len(rows) == 1 else "were retired")
    detail = _names([case.title for case, _ in rows]) + (f"; {high} of tier 3 or above" if high else "")
    return Change(
        title=f"{words.plural(len(rows), 'use case')} {verb}", detail=f"{detail}.", on=rows[-1][1].moved_at.date(),
        tone=tone, link="/use-cases/",
    )  # fmt: skip


def _decisions(decisions: Decisions) -> list[Change]:
    rows = decisions.decisions
    if not rows:
        return []
    bad = sum(row.tone == "bad" for row in rows)
    detail = _names([row.title for row in rows]) + (f"; {bad} refused" if bad else "")
    return [
        Change(
            title=words.plural(len(rows), "high-risk decision was taken", "high-risk decisions were taken"),
            detail=f"{detail}.", on=rows[-1].decided_on, tone="info", link="/reviews/",
        )
    ]  # fmt: skip


def _incidents(incidents: Incidents) -> list[Change]:
    grave = [row for row in incidents.incidents if row.severity <= 2 and not row.near_miss]
    return [
        Change(
            title=f"Incident of severity {row.severity}: {row.title}", on=row.detected_on,
            detail=f"{row.affected or 'No use case named'}; {row.state.lower()}.",
            tone="bad" if row.state == "Open" else "warn", link=f"/incidents/{row.ref}/",
        )
        for row in grave[:3]
    ]  # fmt: skip


def _vendors(scope: Scope, vendors: Vendors) -> list[Change]:
    moved = [(line, line.total - line.before) for line in vendors.vendors if line.total is not None and line.before]
    moved.sort(key=lambda pair: (-abs(pair[1]), pair[0].name))
    return [
        Change(
            title=f"{line.name} {'rose' if by > 0 else 'fell'} to {line.total:.0f}", on=scope.last_day,
            detail=f"From {line.before:.0f}; recommendation: {line.advice.lower()}.",
            tone="good" if by > 0 else "warn", link="/vendors/",
        )
        for line, by in moved[:2]
        if abs(by) >= NOTABLE
    ]  # fmt: skip


def _names(titles: list[str]) -> str:
    shown = ", ".join(titles[:3])
    return f"{shown} and {len(titles) - 3} more" if len(titles) > 3 else shown
