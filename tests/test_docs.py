"""The documentation says what the package does."""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_conformance_page_is_made_from_the_tables():
    page = (ROOT / "docs" / "CONFORMANCE.md").read_text("utf-8")
    assert page == script("tables").text(), "run: python docs/tables.py"


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "docs/design.md", "docs/benchmarks.md", "docs/CONFORMANCE.md"]
)
def test_links_lead_somewhere(page):
    path = ROOT / page
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_structure_is_drawn_from_the_imports():
    drawing = (ROOT / "docs" / "structure.svg").read_text("utf-8")
    assert drawing == script("structure").text(), "run: python docs/structure.py"


def test_readme_names_the_two_commands():
    text = (ROOT / "README.md").read_text("utf-8")
    assert "make demo" in text
    assert "make test" in text


def script(name):
    """Return a script of the documentation as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    sys.modules[name] = module = importlib.util.module_from_spec(spec)  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


def test_requirements_page_is_made_from_the_table():
    page = (ROOT / "docs" / "REQUIREMENTS.md").read_text("utf-8")
    assert page == script("requirements").text(), "run: python docs/requirements.py"


def test_a_requirement_that_is_done_is_cited_by_a_test():
    module = script("requirements")
    tests = module.cited()
    rows = [(k, v) for family in module.families().values() for k, v in family.items() if k != "title"]
    assert len(rows) > 110
    for name, (_, state, *missing) in rows:
        assert state in module.STATES, name
        assert state != "done" or (tests.get(name) and not missing), f"{name} is done, but no test cites it"
        assert state != "part" or missing, f"{name} does not say what is missing"


PAGES = ["README.md", "CONTRIBUTING.md", "docs/design.md", "docs/benchmarks.md", "docs/frontends.md"]
_FILE = re.compile(r"[\w./-]+\.(?:py|js|css|toml|md|ipynb|svg|png|gif|txt)|(?:[\w.-]+/)+")
_MODULE = re.compile(r"dicom_widgets(?:\.\w+)+")
_MADE = {"remotes.toml", "dicom_widgets/remotes.toml", "build/artefacts/", "build/artefacts/viewer.gif"}
"""Files of the user's, and files that a run of the tests makes."""


@pytest.mark.parametrize("page", PAGES)
def test_files_that_a_page_names_exist(page):
    text = (ROOT / page).read_text("utf-8")
    named = {m for code in re.findall(r"`([^`\n]+)`", text) for m in [code] if _FILE.fullmatch(m)} - _MADE
    held = [str(p.relative_to(ROOT)) for p in files()]
    held += [f"{folder}/" for path in held for folder in map(str, Path(path).parents)]
    missing = {name for name in named if not any(f"/{path}".endswith(f"/{name}") for path in held)}
    assert missing == set()


@pytest.mark.parametrize("page", PAGES)
def test_modules_that_a_page_names_exist(page):
    text = (ROOT / page).read_text("utf-8")
    for name in sorted(set(_MODULE.findall(text))):
        module, _, attribute = name.rpartition(".")
        found = importlib.import_module(module)
        assert hasattr(found, attribute) or importlib.util.find_spec(name), name


def files():
    """Return the files of the project, without what a run makes."""
    made = {"__pycache__", "node_modules"}
    inside = ("dicom_widgets", "tests", "docs", "notebooks", "benchmarks", "binder", ".ci")
    yield from (p for p in ROOT.iterdir() if p.is_file())
    for folder in inside:
        yield from (p for p in (ROOT / folder).rglob("*") if p.is_file() and not made.intersection(p.parts))
