"""Policy, controls, risks and incidents; reviews, the council and its decisions."""

from governance.models.controls import (
    ControlState,
    Evidence,
    EvidenceUse,
    ExceptionKind,
    Grade,
    PolicyException,
    State,
)
from governance.models.incidents import (
    Category,
    Harm,
    Incident,
    IncidentAction,
    IncidentReport,
    IncidentSeverity,
    IncidentState,
    IncidentUseCase,
    IncidentVendor,
)
from governance.models.policy import PolicyState, PolicyVersion, Tiering
from governance.models.risks import Risk, Treatment

__all__ = [
    "Category",
    "ControlState",
    "Evidence",
    "EvidenceUse",
    "ExceptionKind",
    "Grade",
    "Harm",
    "Incident",
    "IncidentAction",
    "IncidentReport",
    "IncidentSeverity",
    "IncidentState",
    "IncidentUseCase",
    "IncidentVendor",
    "PolicyException",
    "PolicyState",
    "PolicyVersion",
    "Risk",
    "State",
    "Tiering",
    "Treatment",
]
