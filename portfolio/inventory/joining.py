"""New rows that somebody recognised as use cases which are there already."""

from collections.abc import Collection
from typing import Any

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.common.errors import Invalid
from portfolio.facts import is_same
from portfolio.inventory.mapping import Row
from portfolio.inventory.matching import Matches
from portfolio.inventory.profiles import Profile
from portfolio.inventory.resemblance import Candidate, Resemblance, candidates, resemblances
from portfolio.models import ExternalRow, ImportBatch, UseCase
from portfolio.services import bulk

Pairs = Collection[tuple[int, int]]  # line of the row, key of the use case


def recognise(
    matches: Matches, pairs: Pairs, profile: Profile, root: OrgUnit, source: str, *, search: bool
) -> list[Resemblance]:
    """Take the rows of PAIRS out of the new ones; SEARCH returns those that may be known, too, for somebody to decide.

    Raises Invalid for a use case that is not there to be recognised.
    """
    if not matches.new or not (pairs or search):
        return []
    known = candidates(root, source, matches.gone)
    _take(matches, dict(pairs), {one.use_case_id: one for one in known})
    if not search:
        return []
    taken = {one.use_case_id for _, _, one in matches.joined} | {one.use_case_id for _, one in matches.changed}
    free = [one for one in known if one.use_case_id not in taken]
    return resemblances((row for row, _ in matches.new), free, profile, root.name)


def _take(matches: Matches, chosen: dict[int, int], known: dict[int, Candidate]) -> None:
    rest = []
    for row, occurrence in matches.new:
        if row.line not in chosen:
            rest.append((row, occurrence))
            continue
        one = known.pop(chosen[row.line], None)
        if one is None:
            raise Invalid(f"Line {row.line} was recognised as a use case that is taken. Examine the file again.")
        if one.known is None:
            matches.joined.append((row, occurrence, one))
        else:
            matches.gone.remove(one.known)
            matches.changed.append((row, one.known))
            matches.renamed[one.known.id] = (row.key, occurrence)
    matches.new = rest


def write_joined(matches: Matches, source: str, batch: ImportBatch, by: User | None) -> list[int]:
    """Keep the joined rows; an imported use case learns what its row says, one registered here stays as it is."""
    use_cases = UseCase.objects.select_for_update().in_bulk([one.use_case_id for _, _, one in matches.joined])
    rows, rewrites = [], []
    for row, occurrence, one in matches.joined:
        use_case = use_cases[one.use_case_id]
        facts = {} if one.is_own else _new_facts(row, use_case)
        kept = ExternalRow(use_case=use_case, source=source, key=row.key, occurrence=occurrence, batch=batch)
        kept.cells, kept.before = row.cells, _before(use_case, facts, one)
        rows.append(kept)
        if not one.is_own:
            rewrites.append(bulk.Rewrite(use_case, facts, row.title, row.stage))
    bulk.rewrite_all(rewrites, batch=batch, by=by)
    bulk.keep_rows(rows)
    return list(use_cases)


def _new_facts(row: Row, use_case: UseCase) -> dict[str, Any]:
    return {name: value for name, value in row.facts.items() if not is_same(name, use_case.facts.get(name), value)}


def _before(use_case: UseCase, facts: dict[str, Any], one: Candidate) -> dict[str, Any]:
    return {
        "joined": True,
        "is_own": one.is_own,
        "batch": one.batch_id,
        "title": use_case.title,
        "unit": use_case.unit_id,
        "stage": use_case.stage,
        "facts": {name: use_case.facts.get(name) for name in facts},
    }
