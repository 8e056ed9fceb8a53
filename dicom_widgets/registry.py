"""Tables that a notebook or another package may add rows to, and take them out of again."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Registration:
    """A row that was added to a table; closing it takes the row out again. A context manager."""

    def __init__(self, end: Callable[[], None]) -> None:
        self._end = end

    def close(self) -> None:
        """Take the row out of its table. May be called again."""
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Registry(Mapping[K, V], Generic[K, V]):
    """A read-only mapping to all but `register`, which adds a row under a name that is free.

    Parameters
    ----------
    what : str
        What a row is, in words, for the error where a name is taken: "a kind of measurement".
    rows : mapping
        The rows that are there from the beginning; they cannot be replaced or taken out.

    """

    def __init__(self, what: str, rows: Mapping[K, V]) -> None:
        self._what, self._lock = what, threading.Lock()
        self._rows = dict(rows)
        self._actions: tuple[Callable[[], None], ...] = ()

    def __getitem__(self, key: K) -> V:
        return self._rows[key]

    def __iter__(self) -> Iterator[K]:
        return iter(tuple(self._rows))  # another thread may add a row meanwhile

    def __len__(self) -> int:
        return len(self._rows)

    def register(self, key: K, row: V) -> Registration:
        """Add a row.

        Raises
        ------
        ValueError
            There is a row of this name already.

        """
        with self._lock:
            if key in self._rows:
                raise ValueError(f"{self._what} named {key!r} is there already; choose another name.")
            self._rows[key] = row
        self._tell()

        def end() -> None:
            with self._lock:
                held = self._rows.get(key) is row
                if held:
                    del self._rows[key]
            if held:
                self._tell()

        return Registration(end)

    def watch(self, action: Callable[[], None]) -> Callable[[], None]:
        """Call something after each row that comes or goes, in the thread that brings or takes it.

        Returns
        -------
        callable
            Ends that.

        """
        with self._lock:
            self._actions = (*self._actions, action)

        def end() -> None:
            with self._lock:
                self._actions = tuple(a for a in self._actions if a is not action)

        return end

    def _tell(self) -> None:
        for action in self._actions:
            action()
