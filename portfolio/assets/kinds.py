"""The four kinds of linked assets, by the word that their addresses have."""

from dataclasses import dataclass
from typing import Any

from portfolio.models import (
    Agent,
    AgentUse,
    AiModel,
    AiSystem,
    Asset,
    AssetRole,
    Dataset,
    DatasetUse,
    ModelUse,
    SystemUse,
)

_SERVING = (AssetRole.CORE, AssetRole.SUPPORT, AssetRole.FALLBACK, AssetRole.EVALUATION)


@dataclass(frozen=True)
class Kind:
    key: str
    model: type[Asset]
    uses: type[Any]  # the table that links it to use cases
    field: str  # its name there
    noun: tuple[str, str]
    article: str
    icon: str
    lede: str
    roles: tuple[AssetRole, ...] = _SERVING

    @property
    def label(self) -> str:
        return self.noun[1][0].upper() + self.noun[1][1:]


KINDS = {
    kind.key: kind
    for kind in (
        Kind("systems", AiSystem, SystemUse, "ai_system", ("AI system", "AI systems"), "an", "list",
             "What runs: each with the products and models it is made of, and the use cases it serves."),
        Kind("models", AiModel, ModelUse, "ai_model", ("model", "models"), "a", "trend",
             "Each version of each model, with its licence, its data, its figures and what it must not be used for."),
        Kind("datasets", Dataset, DatasetUse, "dataset", ("data set", "data sets"), "a", "table",
             "What models are trained on and use cases work with: where it comes from, and what is sensitive in it.",
             (AssetRole.INPUT, AssetRole.OUTPUT, AssetRole.TRAINING, AssetRole.EVALUATION)),
        Kind("agents", Agent, AgentUse, "agent", ("agent", "agents"), "an", "people",
             "Programs that act: with which tools, on which data, up to which spending, and who stops them."),
    )
}  # fmt: skip
