"""Refusals in plain sentences."""

from django.core.exceptions import PermissionDenied


class NotAllowed(PermissionDenied):
    """A rule objects; its sentence is shown to the person who tried."""


class Invalid(ValueError):
    """Input that cannot be used; `field` names where, if one place is to blame."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.field = sentence, field


def require(objection: str | None) -> None:
    """Raise NotAllowed if a rule objected."""
    if objection:
        raise NotAllowed(objection)
