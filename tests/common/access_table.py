"""Who may open what: the truth that the declared policies are compared with."""

from typing import Any

from caio_portal.accounts.access import PUBLIC
from caio_portal.accounts.roles import Role

WHO_MAY: dict[str, Any] = {
    "set_theme": PUBLIC,
    "styleguide": {Role.CAIO_OFFICE, Role.ADMINISTRATOR},
}
