"""A retrieval: how far it is, and what came of it."""

from __future__ import annotations

import html
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Progress:
    """How far a retrieval is."""

    received: int
    expected: int | None
    """Instances that are expected in all, or None while nobody knows."""
    failed: int = 0
    nbytes: int = 0
    words: str = ""

    @property
    def fraction(self) -> float | None:
        """Between 0 and 1, or None while nobody knows."""
        return min(1.0, (self.received + self.failed) / self.expected) if self.expected else None


@dataclass(frozen=True)
class Retrieval:
    """The ledger of a retrieval: what was expected, what came, what did not and why."""

    way: str
    peer: str
    expected: int | None
    """Number of instances that a query or the peer's responses told of, or None where it is unknown."""
    received: tuple[str, ...]
    """SOP Instance UIDs in order of arrival."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """SOP Instance UID -> why it was not taken or not sent."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """SOP Instance UID -> why it did not come, of those that were expected by name."""
    warnings: tuple[str, ...] = ()
    """Sentences about what was not as it should be."""
    remarks: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    """SOP Instance UID -> what was odd about an instance that came."""
    seconds: float = 0.0
    nbytes: int = 0
    contexts: tuple[tuple[str, str, bool], ...] = ()
    """(SOP class, transfer syntax, accepted) of the presentation contexts, by name."""
    cancelled: bool = False
    confirmed: bool = field(default=True, kw_only=True)
    """Whether each request was answered to its end, and counts or a query bear out what came."""

    @property
    def complete(self) -> bool:
        """Whether it is known how many instances there are, and all of them are here."""
        short = self.expected is None or len(self.received) < self.expected
        return self.confirmed and not (short or self.failed or self.missing or self.cancelled)

    def __str__(self) -> str:
        of = " of an unknown number of" if self.expected is None else f" of {self.expected}"
        rate = f", {self.nbytes / 1e6 / self.seconds:.0f} MB/s" if self.seconds > 0.05 else ""
        words = f"{len(self.received)}{of} instances, {self.nbytes / 1e6:.1f} MB in {self.seconds:.2f} s{rate}"
        notes = [f"{len(self.failed)} failed"] * bool(self.failed) + [f"{len(self.missing)} missing"] * bool(
            self.missing
        )
        notes += ["cancelled"] * self.cancelled + ["not confirmed"] * (not self.confirmed and not self.cancelled)
        return f"{self.way} from {self.peer}: {words}" + (f" ({', '.join(notes)})" if notes else "")

    def __repr__(self) -> str:
        return "\n".join([str(self), *(f"  {w}" for w in self.warnings)])

    def _repr_html_(self) -> str:
        odd = itertools.chain(self.failed.items(), self.missing.items(), self.remarks.items())
        rows = [f"{u}: {w}" for u, w in odd]
        parts = [f"<p>{html.escape(str(self))}</p>"]
        parts += [f"<p>⚠ {html.escape(w)}</p>" for w in self.warnings]
        parts += ["<ul>" + "".join(f"<li>{html.escape(r)}</li>" for r in rows[:50]) + "</ul>"] * bool(rows)
        for accepted, words in ((False, "refused"), (True, "accepted")):
            items = sorted({f"{c}: {s}" for c, s, ok in self.contexts if ok is accepted})
            listed = "".join(f"<li>{html.escape(i)}</li>" for i in items)
            summary = f"{len(items)} presentation contexts were {words}"
            parts += [f"<details><summary>{summary}</summary><ul>{listed}</ul></details>"] * bool(items)
        return "".join(parts)
