"""Use cases, what is known of them, their stages, value and origin. Every table of the app."""

from portfolio.models.assets import (
    Agent,
    AgentData,
    AgentUse,
    AiModel,
    AiSystem,
    Asset,
    AssetRole,
    Autonomy,
    Dataset,
    DatasetUse,
    ModelData,
    ModelUse,
    Per,
    SystemModel,
    SystemProduct,
    SystemUse,
)
from portfolio.models.branches import Branch, BranchState
from portfolio.models.guests import GuestLink
from portfolio.models.history import ChangeSource, DutyState, FactChange, MoveKind, Remark, RetirementDuty, StageMove
from portfolio.models.imports import BatchState, ExternalRow, ImportBatch, ImportProfile
from portfolio.models.intake import OwnFact, QuestionnaireState, QuestionnaireVersion, Submission
from portfolio.models.light import CommonUse, Tool
from portfolio.models.priorities import Weighing
from portfolio.models.register import PublicRegister
from portfolio.models.use_case import Part, RefCounter, SavedView, Source, UseCase, UseCasePerson
from portfolio.models.value import Benefit, BenefitState, CostCategory, CostKind, CostLine, Period

__all__ = [
    "Agent",
    "AgentData",
    "AgentUse",
    "AiModel",
    "AiSystem",
    "Asset",
    "AssetRole",
    "Autonomy",
    "BatchState",
    "Benefit",
    "BenefitState",
    "Branch",
    "BranchState",
    "ChangeSource",
    "CommonUse",
    "CostCategory",
    "CostKind",
    "CostLine",
    "Dataset",
    "DatasetUse",
    "DutyState",
    "ExternalRow",
    "FactChange",
    "GuestLink",
    "ImportBatch",
    "ImportProfile",
    "ModelData",
    "ModelUse",
    "MoveKind",
    "OwnFact",
    "Part",
    "Per",
    "Period",
    "PublicRegister",
    "QuestionnaireState",
    "QuestionnaireVersion",
    "RefCounter",
    "Remark",
    "RetirementDuty",
    "SavedView",
    "Source",
    "StageMove",
    "Submission",
    "SystemModel",
    "SystemProduct",
    "SystemUse",
    "Tool",
    "UseCase",
    "UseCasePerson",
    "Weighing",
]
