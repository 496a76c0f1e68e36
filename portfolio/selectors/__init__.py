"""What the pages of a dossier show."""

from portfolio.selectors.comparing import Comparison, compare
from portfolio.selectors.dossier import Overview, ending, facts_by_section, history, open_remarks, overview, ways
from portfolio.selectors.money import cost_defaults, sharable, value_of
from portfolio.selectors.similar import similar_to

__all__ = [
    "Comparison",
    "Overview",
    "compare",
    "cost_defaults",
    "ending",
    "facts_by_section",
    "history",
    "open_remarks",
    "overview",
    "sharable",
    "similar_to",
    "value_of",
    "ways",
]
