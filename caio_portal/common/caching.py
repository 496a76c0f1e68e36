"""What is drawn once for a state of the data; without the cache everything is drawn each time."""

import logging
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache

T = TypeVar("T")
HOUR = 3600
logger = logging.getLogger(__name__)


def remembered(key: str, make: Callable[[], T], seconds: int = HOUR) -> T:
    """The value kept under KEY, or else what MAKE makes. The cache may be away: that costs time, nothing else."""
    try:
        if (known := cache.get(key)) is not None:
            return known
    except Exception as error:  # whatever the client raises when its server is gone
        logger.warning("The cache does not answer: %s", error)
        return make()
    value = make()
    try:
        cache.set(key, value, seconds)
    except Exception as error:
        logger.warning("The cache does not take %s: %s", key, error)
    return value
