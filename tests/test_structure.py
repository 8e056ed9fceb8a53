"""Rules that keep the tests in order: shared code has modules of its own, and unit tests lie where their code lies."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
from pathlib import Path

import grimp
import pytest

from tests.doors import Doors

TESTS = Path(__file__).parent
PACKAGE, UNIT = TESTS.parent / "dicom_widgets", TESTS / "unit"
ALL = sorted(TESTS.rglob("*.py"))
NAMED = re.compile(r"(?:from (dicom_widgets[\w.]*) import (\w+(?:, \w+)*)|import (dicom_widgets\.[\w.]+))")


def path_of(file: Path) -> str:
    return str(file.relative_to(TESTS))


def imported(file: Path) -> set[str]:
    """Return the dotted names of the modules, and of what may be one, that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_nothing_is_imported_from_a_test_file_or_a_conftest():
    """What two files share lies in a module named by what it holds, or is a fixture of the nearest conftest."""
    pairs = [(path_of(file), name) for file in ALL for name in sorted(imported(file)) if name.startswith("tests.")]
    assert [p for p in pairs if any(n.startswith("test_") or n == "conftest" for n in p[1].split("."))] == []


def test_no_support_module_is_a_test_file():
    """A file of tests is named test_*.py; pytest finds no test in any other."""
    tests = [
        path_of(file)
        for file in ALL
        if not file.name.startswith("test_")
        and any(
            isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
            for node in ast.parse(file.read_text("utf-8")).body
        )
    ]
    assert tests == []


def test_each_folder_of_unit_tests_is_a_room_of_the_package():
    folders = {str(file.parent.relative_to(UNIT)) for file in UNIT.rglob("*.py")}
    rooms = {str(file.parent.relative_to(PACKAGE)) for file in PACKAGE.rglob("*.py")}
    assert folders - rooms == set()


def test_a_unit_test_named_like_a_module_lies_where_that_module_lies():
    """A module that moves takes its tests along. Tests of a subject that is no module have a name of their own."""
    places: dict[str, set[Path]] = {}
    for module in PACKAGE.rglob("*.py"):
        places.setdefault(module.stem, set()).add(module.parent.relative_to(PACKAGE))
    for test in UNIT.rglob("test_*.py"):
        rooms = places.get(test.stem.removeprefix("test_"), set())
        assert not rooms or test.parent.relative_to(UNIT) in rooms, f"{path_of(test)} is a test of {rooms}"


def test_modules_that_code_in_a_text_imports_exist():
    """Cells of notebooks and scripts of other processes are texts, which no linter reads."""
    found = {pair for file in ALL for pair in NAMED.findall(file.read_text("utf-8"))}
    for module, names, alone in sorted(found):
        held = importlib.import_module(module or alone)
        for name in filter(None, names.split(", ")):
            assert hasattr(held, name) or importlib.util.find_spec(f"{module}.{name}"), f"{module}.{name}"


@pytest.mark.parametrize(
    ("imported", "kept"), [("dicom_widgets.network.remote", True), ("dicom_widgets.network.transport.commands", False)]
)
def test_an_import_through_a_wall_is_seen(imported, kept):
    graph = grimp.build_graph("dicom_widgets", cache_dir=None)
    graph.add_import(importer="dicom_widgets.session.memory", imported=imported)
    options = {"root": "dicom_widgets"}
    contract = Doors(name="doors", session_options={"root_packages": ["dicom_widgets"]}, contract_options=options)
    assert contract.check(graph, verbose=False).kept is kept
