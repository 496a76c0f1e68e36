"""What the pages of a dossier show."""

from portfolio.selectors.dossier import Overview, facts_by_section, history, overview, ways
from portfolio.selectors.money import cost_defaults, value_of

__all__ = ["Overview", "cost_defaults", "facts_by_section", "history", "overview", "value_of", "ways"]
