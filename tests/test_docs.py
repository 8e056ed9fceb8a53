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


def requirements():
    spec = importlib.util.spec_from_file_location("requirements", ROOT / "docs" / "requirements.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_requirements_page_is_made_from_the_table():
    page = (ROOT / "docs" / "REQUIREMENTS.md").read_text("utf-8")
    assert page == requirements().text(), "run: python docs/requirements.py"


def test_a_requirement_that_is_done_is_cited_by_a_test():
    module = requirements()
    tests = module.cited()
    rows = [(k, v) for family in module.families().values() for k, v in family.items() if k != "title"]
    assert len(rows) > 110
    for name, (_, state, *missing) in rows:
        assert state in module.STATES, name
        assert state != "done" or (tests.get(name) and not missing), f"{name} is done, but no test cites it"
        assert state != "part" or missing, f"{name} does not say what is missing"
