"""Definitions, feeds, observations, values and what is done with them. Every table of the app."""

from kpis.models.alerts import Alert, AlertKind, AlertQuerySet, AlertState
from kpis.models.definitions import DefinitionKind, KpiVersion, PublishedDefinition, Target
from kpis.models.feeds import (
    BatchState,
    DeliveryStyle,
    Feed,
    FeedBatch,
    FeedKind,
    Observation,
    PinnedRun,
    PulledPage,
    UnmatchedSpend,
)
from kpis.models.notes import KpiNote
from kpis.models.objectives import KeyResult, Objective, ObjectiveReview
from kpis.models.plans import BudgetLine
from kpis.models.values import DirtyMonth, KpiRevision, KpiValue, Rollup

__all__ = [
    "Alert",
    "AlertKind",
    "AlertQuerySet",
    "AlertState",
    "BatchState",
    "BudgetLine",
    "DefinitionKind",
    "DeliveryStyle",
    "DirtyMonth",
    "Feed",
    "FeedBatch",
    "FeedKind",
    "KeyResult",
    "KpiNote",
    "KpiRevision",
    "KpiValue",
    "KpiVersion",
    "Objective",
    "ObjectiveReview",
    "Observation",
    "PinnedRun",
    "PublishedDefinition",
    "PulledPage",
    "Rollup",
    "Target",
    "UnmatchedSpend",
]
