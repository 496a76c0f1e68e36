"""Drawing a sample that anybody can draw again: the same population and seed give the same sample."""

import hashlib
from collections.abc import Collection


def drawn(refs: Collection[str], size: int, seed: str) -> frozenset[str]:
    """SIZE of REFS, each as likely as any other: those whose hash with the seed comes first."""
    order = sorted(refs, key=lambda ref: hashlib.sha256(f"{seed}:{ref}".encode()).digest())
    return frozenset(order[:size])
