"""Who may open what: the truth that the declared policies are compared with."""

from typing import Any

WHO_MAY: dict[str, Any] = {}
