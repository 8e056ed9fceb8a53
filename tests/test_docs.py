"""The documentation says what the package does."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_conformance_page_is_made_from_the_tables():
    spec = importlib.util.spec_from_file_location("tables", ROOT / "docs" / "tables.py")
    tables = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tables)
    assert (ROOT / "docs" / "CONFORMANCE.md").read_text("utf-8") == tables.text(), "run: python docs/tables.py"


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "docs/design.md", "docs/benchmarks.md", "docs/CONFORMANCE.md"]
)
def test_links_lead_somewhere(page):
    path = ROOT / page
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_readme_names_the_two_commands():
    text = (ROOT / "README.md").read_text("utf-8")
    assert "make demo" in text
    assert "make test" in text
