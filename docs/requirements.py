"""Make docs/REQUIREMENTS.md from docs/requirements.toml and the tests that cite them: `python docs/requirements.py`."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PAGE = HERE / "REQUIREMENTS.md"
STATES = ("done", "part", "open")
_CITED = re.compile(r"\b(?:X|GP|CO|OV|SH|PS|MF|GE|CI|XR|US|NP|OC|VL|TX|ME)\d{1,2}\b")
_RANGE = re.compile(r"\b([A-Z]{1,2})(\d{1,2}) to (?:\1)(\d{1,2})\b")

HEAD = """# Display requirements

Made by `docs/requirements.py` from `docs/requirements.toml` and the docstrings of the tests; do not edit.

What it means that an image is displayed, requirement by requirement, with the test files that cite it. *part* and
*open* say what is missing.

"""


def families() -> dict[str, dict[str, Any]]:
    """Return family -> title and requirements."""
    return tomllib.loads((HERE / "requirements.toml").read_text("utf-8"))


def cited() -> dict[str, set[str]]:
    """Return requirement -> test files that cite it."""
    found: dict[str, set[str]] = defaultdict(set)
    tests = HERE.parent / "tests"
    for path in sorted(tests.rglob("test_*.py")):
        text = path.read_text("utf-8")
        names = set(_CITED.findall(text))
        for family, first, last in _RANGE.findall(text):
            names |= {f"{family}{n}" for n in range(int(first), int(last) + 1)}
        for name in names:
            found[name].add(path.relative_to(tests).with_suffix("").as_posix().replace("test_", ""))
    return found


def text() -> str:
    """Return the page."""
    tests, parts = cited(), []
    for family in families().values():
        rows = ["| | requirement | state | tests |", "|---|---|---|---|"]
        for name, (what, state, *missing) in ((k, v) for k, v in family.items() if k != "title"):
            words = f"{state}: {missing[0]}" if missing and missing[0] else state
            rows.append(f"| {name} | {what} | {words} | {', '.join(sorted(tests.get(name, ())))} |")
        parts.append(f"## {family['title']}\n\n" + "\n".join(rows) + "\n")
    return HEAD + "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(text(), "utf-8")
