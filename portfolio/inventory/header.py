"""Which columns of a profile a file has."""

from collections.abc import Sequence

from caio_portal.common.uploads.limits import Refused
from caio_portal.common.uploads.table import normal
from portfolio.inventory.profiles import Profile


def columns_of(profile: Profile, header: Sequence[str]) -> tuple[list[str], list[str]]:
    """The profile's column under each name of the header (else the name itself), and the names it does not know."""
    by_name = {normal(name): column.key for column in profile.columns for name in column.names}
    keys, unknown = [], []
    for name in header:
        key = by_name.get(normal(name))
        if key is None or key in keys:
            unknown.append(" ".join(name.split()))
            key = unknown[-1]
        keys.append(key)
    _require_columns(profile, header, keys)
    return keys, unknown


def _require_columns(profile: Profile, header: Sequence[str], keys: Sequence[str]) -> None:
    identity = profile.identity
    needed = [name for name in (identity.title, identity.stage) if name]
    if identity.agency and not profile.column(identity.agency).consolidated:
        needed.append(identity.agency)
    needed += identity.key
    missing = [profile.column(name) for name in needed if name not in keys]
    if not missing:
        return
    names = ", ".join(f"“{' '.join(column.header.split()) or column.key}” ({column.key})" for column in missing)
    found = ", ".join(" ".join(name.split())[:40] for name in header[:8])
    verb = "column is" if len(missing) == 1 else "columns are"
    raise Refused(f"The {verb} missing that {profile.title} needs: {names}. The file begins with {found}.", "header")
