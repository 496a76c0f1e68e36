"""What changed between two briefings."""

from decimal import Decimal

from caio_portal.briefings.snapshot.schema import Figure, Previous, Snapshot
from caio_portal.common.records import Record


class Difference(Record):
    key: str
    label: str
    before: str
    after: str
    change: Decimal | None  # after less before, where both are known
    source: str


def previous_of(snapshot: Snapshot, snapshot_hash: str) -> Previous:
    """The figures of SNAPSHOT, as the next briefing remembers them."""
    figures = snapshot.figures()
    return Previous(
        quarter=snapshot.quarter,
        number=snapshot.number,
        snapshot_hash=snapshot_hash,
        values={figure.key: figure.value for figure in figures},
        words={figure.key: figure.words for figure in figures},
    )


def difference(snapshot: Snapshot) -> tuple[Difference, ...]:
    """Each figure that reads otherwise than in the briefing before, in the order of the document."""
    if snapshot.previous is None:
        return ()
    seen: dict[str, Figure] = {figure.key: figure for figure in reversed(snapshot.figures())}
    ordered = [figure for figure in snapshot.figures() if seen[figure.key] is figure]
    return tuple(
        _difference(figure, snapshot.previous)
        for figure in ordered
        if snapshot.previous.words.get(figure.key, "") != figure.words
    )


def change_of(snapshot: Snapshot, figure: Figure) -> Decimal | None:
    before = snapshot.previous.values.get(figure.key) if snapshot.previous else None
    return None if before is None or figure.value is None else figure.value - before


def _difference(figure: Figure, previous: Previous) -> Difference:
    before = previous.values.get(figure.key)
    return Difference(
        key=figure.key,
        label=figure.label,
        before=previous.words.get(figure.key, "not in it"),
        after=figure.words,
        change=None if before is None or figure.value is None else figure.value - before,
        source=figure.source,
    )
