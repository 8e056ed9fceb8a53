"""A contract for import-linter: a room is entered by its doors, the modules that its `__init__` lists in `__all__`."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from importlinter import Contract, ContractCheck, fields, output

if TYPE_CHECKING:
    from grimp import ImportGraph


def listed(package: str) -> tuple[set[str], set[str]]:
    """Return what a package lists in `__all__`, and what its `__init__` itself defines or imports."""
    spec = importlib.util.find_spec(package)
    tree = ast.parse(Path(spec.origin).read_text("utf-8"))
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign) and [t.id for t in node.targets if isinstance(t, ast.Name)] == ["__all__"]:
            names = set(ast.literal_eval(node.value))
    return names, {a.asname or a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names}


class Doors(Contract):
    """Whoever imports a module of a room from outside of it finds it, and each room on the way, in an `__all__`."""

    root = fields.StringField()

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Return the imports that go through a wall, and the doors that lead nowhere."""
        ours = {m for m in graph.modules if m.startswith(f"{self.root}.")}
        rooms = {m for m in ours if graph.find_children(m)}
        lists = {room: listed(room) for room in rooms}
        broken = {
            (importer, imported, room)
            for imported in ours
            for importer in graph.find_modules_that_directly_import(imported)
            for room in rooms
            if imported.startswith(f"{room}.")
            and not f"{importer}.".startswith(f"{room}.")
            and imported.removeprefix(f"{room}.").split(".")[0] not in lists[room][0]
        }
        absent = {
            (room, name)
            for room, (names, defined) in lists.items()
            for name in names - defined
            if f"{room}.{name}" not in ours
        }
        return ContractCheck(kept=not broken and not absent, metadata={"broken": broken, "absent": absent})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Say which they are."""
        for importer, imported, room in sorted(check.metadata["broken"]):
            output.print_error(f"{importer} imports {imported}, which {room} does not list in its __all__.")
        for room, name in sorted(check.metadata["absent"]):
            output.print_error(f"{room} lists {name}, but has no such module or name.")
