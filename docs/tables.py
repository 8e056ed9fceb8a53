"""Make docs/conformance.md from the tables of the package: `python docs/tables.py`."""

from __future__ import annotations

from pathlib import Path

from dicom_widgets import conformance
from dicom_widgets.display.present import PRESENTERS

HEAD = """# Conformance

Made by `docs/tables.py` from `dicom_widgets.conformance`; do not edit.

## Storage SOP classes

| SOP Class UID | name | kind | shown as |
|---|---|---|---|
"""
LETTERS = {"single": "S", "wildcard": "*", "universal": "U", "range": "R", "unique": "unique"}


def text() -> str:
    """Return the page."""
    shown = dict.fromkeys(PRESENTERS, "picture (grayscale, single frames and plain multi-frame); others as a page")
    shown["presentation state"] = "applied to the images that it refers to; by itself a page"
    rows = [
        f"| {c.uid} | {c.name} | {c.kind} | {shown.get(c.kind, 'page of its attributes')} |"
        for c in conformance.STORAGE.values()
    ]
    syntaxes = [f"| {s} | {s.name} |" for s in conformance.TRANSFER_SYNTAXES]
    parts = [HEAD + "\n".join(rows)]
    parts.append(
        "## Transfer syntaxes, in the order of preference\n\n| UID | name |\n|---|---|\n" + "\n".join(syntaxes)
    )
    for level, keys in conformance.KEYS.items():
        lines = [f"| {k} | {', '.join(LETTERS[m] for m in LETTERS if m in kinds)} |" for k, kinds in keys.items()]
        head = f"## Keys of the {level} level\n\nS single value, \\* wildcard, U universal, R range.\n\n"
        head += "| key | matching |\n|---|---|\n"
        parts.append(head + "\n".join(lines).replace("*", "\\*"))
    sets = [f"| {term} | {words} |" for term, words in conformance.CHARACTER_SETS.items()]
    head = "## Character sets\n\nBeside the default repertoire, ISO_IR 192 and what pydicom decodes further.\n\n"
    parts.append(head + "| term | |\n|---|---|\n" + "\n".join(sets))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    (Path(__file__).parent / "conformance.md").write_text(text(), "utf-8")
