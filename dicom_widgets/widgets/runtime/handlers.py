"""Which method of a widget does what a message from its page asks: one table for each class, made from marks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Handler = TypeVar("Handler", bound=Callable[..., Any])


def handles(*kinds: str) -> Callable[[Handler], Handler]:
    """Mark a method as the one for messages of some kinds; it gets the message."""

    def mark(method: Handler) -> Handler:
        method.message_kinds = kinds  # type: ignore[attr-defined]
        return method

    return mark


def handlers_of(cls: type) -> dict[str, str]:
    """Return the table of a class: kind of message -> name of the method, also of those that it inherits."""
    own = ((name, method) for base in reversed(cls.__mro__) for name, method in vars(base).items())
    return {kind: name for name, method in own for kind in getattr(method, "message_kinds", ())}
