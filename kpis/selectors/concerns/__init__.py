"""What somebody should look at now: targets missed or about to be, budgets used up too fast, feeds gone quiet, cost."""

from kpis.selectors.concerns.burning import burning
from kpis.selectors.concerns.concern import Concern
from kpis.selectors.concerns.drifting import drifting
from kpis.selectors.concerns.judged import judged
from kpis.selectors.concerns.quiet import quiet
from kpis.selectors.concerns.spending import spending

__all__ = ["Concern", "concerns"]


def concerns() -> list[Concern]:
    """All of them, as of now."""
    return [*judged(), *burning(), *drifting(), *quiet(), *spending()]
