"""Record: what our data files, JSON columns and snapshots are made of."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen value that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
