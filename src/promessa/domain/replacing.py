"""Other values of fields of large named tuples: `_replace` of one with many fields costs as much as all else of a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T", bound=tuple[Any, ...])


def replacing(kind: type[T], *names: str) -> Callable[..., T]:
    """A function of a named tuple and new values of these fields, in their order, to the tuple with them."""
    places: list[int] = [kind._fields.index(name) for name in names]  # type: ignore[attr-defined]
    make: Callable[[list[Any]], T] = kind._make  # type: ignore[attr-defined]

    def replaced(value: T, *new: Any) -> T:
        values = list(value)
        for place, each in zip(places, new, strict=True):
            values[place] = each
        return make(values)

    return replaced
