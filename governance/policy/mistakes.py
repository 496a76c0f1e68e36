"""What is wrong with the text of a policy, each mistake at its line."""

from caio_portal.common import toml_text
from caio_portal.common.toml_text import LONGEST, Mistake, Mistaken, line_numbers
from governance.policy.files import place
from governance.policy.schema import Policy

__all__ = ["LONGEST", "Mistake", "Mistaken", "line_numbers", "read"]


def read(text: str) -> Policy:
    """The policy that TEXT (TOML) is; raises Mistaken."""
    return toml_text.read(text, Policy, place)
