"""Which profile fits the columns of a file: somebody may have chosen another one."""

from collections.abc import Sequence
from typing import Any

from caio_portal.common.uploads.limits import Refused
from portfolio.inventory import profiles
from portfolio.inventory.header import columns_of
from portfolio.inventory.profiles import Profile


def better_profile(chosen: str, header: Sequence[str]) -> dict[str, Any] | None:
    """The profile that knows more columns of HEADER than the one CHOSEN (its key), and what both know; else None.

    A profile that misses a column that it needs knows none.
    """
    known = {profile.key: _known(profile, header) for profile in profiles.latest()}
    best = max(profiles.latest(), key=lambda profile: known[profile.key])
    if known[best.key] <= known.get(chosen, 0):
        return None
    return {
        "key": best.key, "title": best.title, "unit": best.unit, "known": known[best.key],
        "chosen_known": known.get(chosen, 0), "columns": len(header),
    }  # fmt: skip


def _known(profile: Profile, header: Sequence[str]) -> int:
    try:
        keys, unknown = columns_of(profile, header)
    except Refused:
        return 0
    return len(keys) - len(unknown)
