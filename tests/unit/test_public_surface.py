"""The public surface, one line a signature, beside this file in `public_surface.txt`.

A change of it is a decision: with `UPDATE_PUBLIC_SURFACE=1 python -m pytest tests/unit/test_public_surface.py` the file
is written anew, and its difference is part of the commit and of CHANGELOG.md.
"""

from __future__ import annotations

import ast
import inspect
import os
import textwrap
from dataclasses import is_dataclass
from pathlib import Path

import pytest
import traitlets
from ipywidgets import Widget

import dicom_widgets as dw

KNOWN = Path(__file__).with_name("public_surface.txt")
UPDATE = "UPDATE_PUBLIC_SURFACE"
PROTOCOL = "__call__ __contains__ __enter__ __exit__ __getitem__ __iter__ __len__".split()
"""Special methods that notebooks use without naming them."""
ROUTINES = (staticmethod, classmethod)
WIRE = set("part uid runtime ended overlay mask_text redact show_error kept discard".split())
"""What widgets share with the page and among themselves; no notebook has a use for it, so it may change."""


def surface() -> list[str]:
    """Return the lines of the surface: parameters with their kinds and defaults, without types, which may move."""
    lines = []
    for name in dw.__all__:
        thing = getattr(dw, name)
        if inspect.ismodule(thing):
            names = getattr(thing, "__all__", [own for own, value in vars(thing).items() if isinstance(value, type)])
            functions = {own: getattr(thing, own) for own in names if inspect.isfunction(getattr(thing, own))}
            lines += [f"{name}.{own}{signature(functions[own]) if own in functions else ''}" for own in sorted(names)]
        elif isinstance(thing, type):
            lines += [name + signature(thing), *sorted(f"{name}.{line}" for line in members(thing).values())]
        elif callable(thing):
            lines.append(name + signature(thing))
        else:
            lines += [name, *sorted(f"{name}.{line}" for line in members(type(thing)).values())]
    return lines


def members(cls: type) -> dict[str, str]:
    """Return the public members of a class by name, also those inherited from classes of this package."""
    ours = [c for c in reversed(cls.__mro__) if c.__module__.startswith("dicom_widgets")]
    found: dict[str, str] = {}
    for owner in ours:
        names = [*vars(owner), *vars(owner).get("__annotations__", ()), *assigned(owner)]
        for name in names:
            if (name in PROTOCOL or not name.startswith("_")) and not (name in WIRE and issubclass(cls, Widget)):
                found[name] = member(cls, name)
    return found


def member(cls: type, name: str) -> str:
    value = inspect.getattr_static(cls, name, None)
    if isinstance(value, traitlets.TraitType):
        default = value.default()
        return f"{name}: trait {type(value).__name__}" + (f" = {written(default)}" if plain(default) else "")
    if isinstance(value, ROUTINES):
        return f"{name}{signature(getattr(cls, name))} {type(value).__name__}"
    return name + signature(value) if inspect.isfunction(value) else name


def assigned(cls: type) -> list[str]:
    """Return the attributes that a class's own `__init__` sets."""
    made = vars(cls).get("__init__")
    if not inspect.isfunction(made) or is_dataclass(cls):  # fields are among the annotations
        return []
    tree = ast.parse(textwrap.dedent(inspect.getsource(made)))
    stores = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)]
    return [n.attr for n in stores if isinstance(n.value, ast.Name) and n.value.id == "self"]


def signature(function) -> str:
    found = inspect.signature(function)
    known = [
        p.replace(annotation=p.empty, default=p.default if p.default is p.empty else Written(p.default))
        for p in found.parameters.values()
        if p.name != "self"
    ]
    return str(found.replace(parameters=known, return_annotation=found.empty))


class Written:
    """A default as it is written in the file."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __repr__(self) -> str:
        return written(self.value)


def written(value: object) -> str:
    return repr(value) if plain(value) else "..."


def plain(value: object) -> bool:
    if isinstance(value, (tuple, list)):
        return all(map(plain, value))
    return value is None or value == {} or isinstance(value, (bool, int, float, str))


def test_the_public_surface_is_as_it_was():
    now = surface()
    if os.environ.get(UPDATE):
        KNOWN.write_text("\n".join(now) + "\n", encoding="utf-8")
    before = KNOWN.read_text(encoding="utf-8").splitlines()
    gone, came = [line for line in before if line not in now], [line for line in now if line not in before]
    changes = [f"- {line}" for line in gone] + [f"+ {line}" for line in came]
    if changes or now != before:
        pytest.fail(
            "The public surface is another one:\n  " + "\n  ".join(changes or ["another order"])
            + f"\nIf that is meant, run this test with {UPDATE}=1 and commit {KNOWN.name}."
        )  # fmt: skip


def test_each_name_of_the_surface_has_a_line():
    heads = {line.split("(")[0].split(".")[0].split(":")[0] for line in KNOWN.read_text("utf-8").splitlines()}
    assert heads == set(dw.__all__)
