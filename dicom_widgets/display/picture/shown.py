"""What a presenter returns: a Picture (`display/picture/picture.py`), or a Page of HTML."""

from __future__ import annotations

import dataclasses
import html
import json
from dataclasses import dataclass
from typing import Any, Self

Record = dict[str, Any]
Rows = list[tuple[str, str]]
"""Names and values."""


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Shown:
    """What pictures and pages have in common."""

    kind: str
    """How the instance is displayed (`StorageClass.kind`)."""
    record: Record
    """For each stage: what was used, from which attribute, and why. JSON-able."""
    title: str = ""

    def __repr__(self) -> str:
        """Return the title only: the fields say who the patient is."""
        return f"<{type(self).__name__} {self.title}>"

    def anonymous(self) -> Self:
        """Return it without names, IDs and dates in its texts; pixels are not changed."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **_kwargs: object) -> dict[str, str]:
        return {"text/plain": repr(self)}


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Page(Shown):
    """A page of HTML in which everything from the object is escaped."""

    html: str
    hidden: str = ""
    """The same HTML without names, IDs and dates."""

    def anonymous(self) -> Self:
        """Return the page without names, IDs and dates."""
        return dataclasses.replace(self, html=self.hidden)

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        return {**super()._repr_mimebundle_(**kwargs), "text/html": self.html}


def page(kind: str, title: str, sentence: str, rows: Rows, record: Record, hidden: Rows | None = None) -> Page:
    """Return a page of a title, a sentence and a table of names and values; all of it is escaped.

    `hidden` are the same rows without names, IDs and dates, where there are any.
    """

    def written(rows: Rows) -> str:
        body = "".join(f"<tr><th>{html.escape(k)}</th><td>{html.escape(v)}</td></tr>" for k, v in rows)
        return (
            f'<div class="dw-page"><h3>{html.escape(title)}</h3><p>{html.escape(sentence)}</p>'
            f"<table><tbody>{body}</tbody></table></div>"
        )

    json.dumps(record)  # raise here, where a record that is no JSON was made
    anonymous = written(rows if hidden is None else hidden)
    return Page(kind=kind, title=title, html=written(rows), hidden=anonymous, record=record)
