"""The gate: what must be met before a use case moves to a later stage."""

from governance.gates.checklist import gate
from governance.gates.schema import gates

__all__ = ["gate", "gates"]
