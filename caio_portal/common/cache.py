"""The cache may vanish without anybody noticing: what is not there is computed again."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

PAUSE_SECONDS = 10
logger = logging.getLogger(__name__)


class ForgivingCache(RedisCache):
    """Redis, if it answers; otherwise an empty cache that takes everything and keeps nothing.

    Limits of attempts to sign in do not count while it is away: the portal works without the broker.
    """

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return bool(_or(True, lambda: RedisCache.add(self, *args, **kwargs)))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return _or(default, lambda: RedisCache.get(self, key, default, version))

    def set(self, *args: Any, **kwargs: Any) -> None:
        _or(None, lambda: RedisCache.set(self, *args, **kwargs))

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return bool(_or(False, lambda: RedisCache.touch(self, *args, **kwargs)))

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return bool(_or(False, lambda: RedisCache.delete(self, *args, **kwargs)))

    def get_many(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        found: dict[Any, Any] = _or({}, lambda: RedisCache.get_many(self, *args, **kwargs))
        return found

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        failed: list[Any] = _or([], lambda: RedisCache.set_many(self, *args, **kwargs))
        return failed

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        return bool(_or(False, lambda: RedisCache.has_key(self, *args, **kwargs)))


_ask_again_at = 0.0


def _or(otherwise: Any, ask: Callable[[], Any]) -> Any:
    """The answer of Redis; OTHERWISE for some seconds after it has not answered, so that no page waits for it."""
    global _ask_again_at
    if time.monotonic() < _ask_again_at:
        return otherwise
    try:
        return ask()
    except (RedisError, OSError) as error:
        _ask_again_at = time.monotonic() + PAUSE_SECONDS
        logger.warning("The cache does not answer: %s", error)
        return otherwise
