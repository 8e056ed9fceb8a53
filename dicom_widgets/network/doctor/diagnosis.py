"""What an examination of a connection found, step by step: as text, and as a table in a notebook."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MARKS: Final[dict[bool | None, str]] = {True: "✓", False: "✗", None: "–"}


@dataclass(frozen=True)
class Finding:
    """The result of one step."""

    step: str
    ok: bool | None
    """Whether the step succeeded; None: it was not tried, or does not apply."""
    words: str
    """What was tried and seen."""
    fix: str = ""
    """What the user can do; empty where nothing has to be done."""
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"{MARKS[self.ok]} {self.step}: {self.words}" + (f"\n    → {self.fix}" if self.fix else "")


@dataclass(frozen=True)
class Diagnosis:
    """The findings of one examination; prints as text, and is a table in a notebook."""

    peer: str
    findings: tuple[Finding, ...]
    cancelled: bool = False

    @property
    def ok(self) -> bool:
        """Whether it was examined to the end and no step failed."""
        return not self.cancelled and all(f.ok is not False for f in self.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __getitem__(self, step: str) -> Finding:
        """Return the finding of a step by its name: `diagnosis["C-MOVE"]`."""
        return next(f for f in self.findings if f.step == step)

    @property
    def summary(self) -> str:
        """One sentence about the whole."""
        failed = [f.step for f in self.findings if f.ok is False]
        tried = sum(f.ok is not None for f in self.findings)
        end = ", then it was cancelled" if self.cancelled else ""
        words = f"{len(failed)} failed ({', '.join(failed)})" if failed else "none failed"
        return f"The connection to {self.peer}: {tried} of {len(self.findings)} steps tried, {words}{end}."

    def __str__(self) -> str:
        return "\n".join([self.summary, *map(str, self.findings)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(_row("td", MARKS[f.ok], f.step, f.words, f.fix, f"{f.seconds:.2f}") for f in self.findings)
        head = _row("th", "", "Step", "What was seen", "What to do", "Seconds")
        return f"<p>{html.escape(self.summary)}</p><table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def _row(tag: str, *cells: str) -> str:  # at the left: a notebook's own are at the right
    return "<tr>" + "".join(f'<{tag} style="text-align: left">{html.escape(c)}</{tag}>' for c in cells) + "</tr>"
