"""Ports: how a lower app asks what only higher apps know, without importing them."""

from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

from django.core.exceptions import ImproperlyConfigured

P = ParamSpec("P")
T = TypeVar("T")


class Port(Generic[P, T]):
    """A question with a name; higher apps register their answers in `AppConfig.ready()`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.providers: list[Callable[P, T]] = []

    def register(self, provider: Callable[P, T]) -> Callable[P, T]:
        """Add PROVIDER; asking for the same one twice changes nothing."""
        if provider not in self.providers:
            self.providers.append(provider)
        return provider

    def ask_all(self, *args: P.args, **kwargs: P.kwargs) -> list[T]:
        """The answer of every provider, in the order of INSTALLED_APPS."""
        return [provider(*args, **kwargs) for provider in self.providers]

    def ask(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """The answer of the one provider."""
        if len(self.providers) != 1:
            raise ImproperlyConfigured(f"The port {self.name} has {len(self.providers)} providers; it needs one.")
        return self.providers[0](*args, **kwargs)
