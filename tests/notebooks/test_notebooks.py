"""Every notebook runs from its first cell to its last, with what `make demo` installs."""

from __future__ import annotations

import ast
import re
import shutil
import sys
from importlib import metadata
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent.parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def test_there_is_a_quickstart():
    assert "01_quickstart.ipynb" in [path.name for path in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_without_an_error(path, tmp_path):
    shutil.copytree(FOLDER, tmp_path / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    notebook = nbformat.read(tmp_path / "notebooks" / path.name, as_version=4)
    resources = {"metadata": {"path": str(tmp_path / "notebooks")}}
    NotebookClient(notebook, timeout=180, kernel_name="python3", resources=resources).execute()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_kept_without_output(path):
    notebook = nbformat.read(path, as_version=4)
    assert not [cell.id for cell in notebook.cells if cell.cell_type == "code" and cell.outputs]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_imports_only_what_the_lab_extra_brings(path):
    brought = distributions("lab")
    owners = metadata.packages_distributions()
    for name in imported(path):
        if name not in sys.stdlib_module_names and name != "dicom_widgets":
            assert brought & {normal(owner) for owner in owners.get(name, [])}, f"make demo does not install {name}"


def imported(path: Path) -> set[str]:
    """Return the top names of all imports of a notebook."""
    names = set()
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        source = "\n".join(line for line in cell.source.splitlines() if not line.lstrip().startswith(("%", "!")))
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.split(".")[0])
    return names


def distributions(extra: str) -> set[str]:
    """Return what the package names as a dependency, for running and for one extra."""
    wanted = [row for row in metadata.requires("dicom-widgets") or [] if "extra ==" not in row or f"'{extra}'" in row]
    return {normal(re.split(r"[^\w.-]", row, maxsplit=1)[0]) for row in wanted}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
