"""What pages, the executive page and the briefing read of KPIs; each in a constant number of queries."""

from kpis.selectors.budget import Budget, budget
from kpis.selectors.readings import Point, Reading, headline
from kpis.selectors.scorecard import Scorecard, default_month, scorecard

__all__ = ["Budget", "Point", "Reading", "Scorecard", "budget", "default_month", "headline", "scorecard"]
