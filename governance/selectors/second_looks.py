"""What was drawn for a second look, and how often it agrees."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, QuerySet

from caio_portal.accounts.models import User
from caio_portal.common import clock
from governance.models import Review, SecondLook
from governance.selectors.comparing import label, words
from governance.snapshots import thaw
from portfolio.intake.versions import current

PERIOD = timedelta(days=365)


@dataclass(frozen=True)
class Agreement:
    """Of the looks of a year: how many there are, and how many found the same tier or a graver one."""

    looked: int
    same: int
    graver: int


def second_looks_of(user: User) -> QuerySet[SecondLook]:
    """Those at reviews that USER may see; what waits comes first, by its day."""
    found = SecondLook.objects.filter(decision__review__in=Review.objects.visible_to(user))
    return (
        found.select_related("decision__review__use_case__unit", "decision__review__policy", "looked_by")
        .defer("decision__receipt", "decision__review__policy__document", "decision__review__policy__source")
        .order_by(F("looked_at").desc(nulls_first=True), "due_on", "pk")
    )


def agreement(looks: QuerySet[SecondLook]) -> Agreement:
    """Of LOOKS, what the last year's say about the standing approval; one query."""
    taken = looks.filter(looked_at__gte=clock.now() - PERIOD).values_list("tier", "decision__review__tier")
    pairs = list(taken)
    return Agreement(len(pairs), sum(a == b for a, b in pairs), sum((a or 0) > b for a, b in pairs))


def facts_of(look: SecondLook) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """What the snapshot states, by the sections of the questionnaire; nothing of what was made of it."""
    facts = thaw(look.decision.review.snapshot).facts
    _, questionnaire = current()
    left = dict(facts)
    for section in questionnaire.sections:
        lines = [(q.fact, left.pop(q.fact)) for q in section.questions if q.fact in left]
        if lines:
            yield section.title, [(label(name), words(name, value)) for name, value in lines]
    if left:
        yield "Further facts", [(label(name), words(name, value)) for name, value in sorted(left.items())]
