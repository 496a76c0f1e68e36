"""What tells one row of an inventory from another, from year to year."""

from collections.abc import Mapping

from caio_portal.common.canonical import canonical_json, sha256
from portfolio.inventory.profiles import Profile

_KEY_LIMIT = 150


def key_of(profile: Profile, said: Mapping[str, str]) -> str:
    """The columns chosen for it, else agency and id; without an id the hash of agency, bureau and name."""
    identity = profile.identity
    if identity.key and any(chosen := [said.get(name, "").strip() for name in identity.key]):
        return _chosen_key(chosen)
    agency, number, bureau = (
        said.get(name or "", "").strip() for name in (identity.agency, identity.id, identity.bureau)
    )
    if number and len(key := f"{agency}/{number}") <= _KEY_LIMIT:
        return key
    named = [agency, number] if number else [agency, bureau, said.get(identity.title, "").strip()]
    return f"{agency}/#{sha256(canonical_json(named))}"


def _chosen_key(values: list[str]) -> str:
    """One value as it is, several as their hash: none of them can pass for another."""
    if len(values) == 1 and len(values[0]) <= _KEY_LIMIT:
        return f"/{values[0]}"
    return f"/#{sha256(canonical_json(values))}"
