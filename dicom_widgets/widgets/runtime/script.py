"""Script: joins the ES modules in `widgets/frontend` into the one module that anywidget takes.

Modules are ordered by their import lines, and each becomes a function scope that returns what it exports; so neither
users nor the build need a bundler. Comments on lines of their own stay behind, as each page and each saved notebook
gets the text; lines keep their numbers. Only the few forms of `import` and `export` that the modules use are
understood; anything else is an error that names file and line.
"""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_LINE: Final = re.compile(r"^(?:import|export)\b", re.MULTILINE)
_IMPORT: Final = re.compile(r'import (?:\{([^}]*)\}|(\w+)) from "(\.{1,2}/[\w/.]+)";\n')
_EXPORT: Final = re.compile(r"export (?=(?:async function|function\*?|const|class) (\w+))")
_DEFAULT: Final = "export default "


def script(entry: str, folder: Traversable | None = None) -> str:
    """Join a module and all that it imports into the text of one ES module.

    Parameters
    ----------
    entry : str
        The module whose `export default` is that of the whole, as "main.js".
    folder : Traversable, optional
        Where the modules lie; without it the package's own `widgets/frontend`.

    Raises
    ------
    SyntaxError
        An import or export that is not understood, a name that its module does not export, modules that import one
        another in a circle, or an entry without `export default`.
    FileNotFoundError
        A module that is not there.

    """
    modules: dict[str, _Module] = {}
    _collect(entry, folder or files("dicom_widgets.widgets") / "frontend", modules, [])
    *parts, last = modules.values()
    if not last.default:
        last.fail(0, "an entry needs one `export default`")
    return "\n".join([*(part.scope(modules) for part in parts), last.body(modules)])


@dataclass(frozen=True)
class _Module:
    path: str
    """Relative to the folder of the modules: "core/numbers.js"."""
    source: str
    pieces: list[str | _Import] = field(default_factory=list)
    """The source, cut at its imports; without the word `export`."""
    exports: list[str] = field(default_factory=list)
    default: bool = False
    """Whether it has an `export default`."""

    @property
    def imports(self) -> list[_Import]:
        return [piece for piece in self.pieces if isinstance(piece, _Import)]

    def fail(self, at: int, why: str) -> NoReturn:
        line = self.source.count("\n", 0, at) + 1
        raise SyntaxError(f"{self.path}, line {line}: {why}", (self.path, line, 1, self.source.splitlines()[line - 1]))

    def body(self, modules: dict[str, _Module]) -> str:
        """Return the source; what it imports is taken from the scopes of other modules. Line numbers stay."""
        for piece in self.imports:
            if missing := set(piece.names) - set(modules[piece.path].exports):
                self.fail(piece.at, f"{piece.path} does not export {', '.join(sorted(missing))}")
        return "".join([f"// {self.path}\n", *map(str, self.pieces)])

    def scope(self, modules: dict[str, _Module]) -> str:
        """Return it as a constant with what it exports."""
        if self.path.endswith(".css"):
            return f"const {_name(self.path)} = {json.dumps(self.source)};\n"
        if self.default:
            self.fail(0, "only an entry has a default export")
        returned = f"return {{ {', '.join(self.exports)} }};"
        return f"const {_name(self.path)} = (() => {{ {self.body(modules)}{returned}\n}})();\n"


@dataclass(frozen=True)
class _Import:
    at: int
    path: str
    target: str
    """What is declared: names in braces, or one name."""

    @property
    def names(self) -> list[str]:
        """The names that the other module has to export; none of a style sheet."""
        return [n for n in map(str.strip, self.target[1:-1].split(",")) if n] if self.target.startswith("{") else []

    def __str__(self) -> str:
        return f"const {self.target} = {_name(self.path)};\n"


def _parsed(path: str, source: str) -> _Module:
    module = _Module(path, source)
    if path.endswith(".css"):
        return module
    default, done = False, 0
    for match in _LINE.finditer(source):
        at = match.start()
        module.pieces.append(source[done:at])
        if found := _IMPORT.match(source, at):
            module.pieces.append(_imported(module, found))
            done = found.end()
        elif found := _EXPORT.match(source, at):
            module.exports.append(found[1])
            done = found.end()
        elif source.startswith(_DEFAULT, at) and not default:
            default, done = True, at
        else:
            module.fail(at, f"not understood: {source[at:].splitlines()[0]!r:.80}")
    module.pieces.append(source[done:])
    return replace(module, default=default)


def _imported(module: _Module, found: re.Match[str]) -> _Import:
    path = posixpath.normpath(posixpath.join(posixpath.dirname(module.path), found[3]))
    known = {other.path for other in module.imports}
    if path.startswith("..") or path in known or bool(found[2]) != path.endswith(".css"):
        module.fail(found.start(), f"cannot import this from {found[3]!r}, or imports from it twice")
    piece = _Import(found.start(), path, found[2] or f"{{{found[1]}}}")
    if wrong := [n for n in piece.names if not n.isidentifier()]:
        module.fail(found.start(), f"imports under another name are not understood: {wrong[0]!r}")
    return piece


def _uncommented(source: str) -> str:
    """Return the source with comments on lines of their own as empty lines."""
    lines, inside = [], False
    for line in source.split("\n"):
        text = line.lstrip()
        ends = text.count("*/")
        begins = text.startswith("/**") and (not ends or (ends == 1 and text.endswith("*/")))
        lines.append("" if inside or begins or text.startswith("//") else line)
        inside = (inside or begins) and not ends
    return "\n".join(lines)


def _name(path: str) -> str:
    """Return what the exports of a module are called in the joined script."""
    return "$" + re.sub(r"\W", "_", path.removesuffix(".js"))


def _collect(path: str, folder: Traversable, modules: dict[str, _Module], above: list[str]) -> None:
    """Add a module after those that it imports; `above` are the modules that wait for it."""
    if path in above:
        raise SyntaxError(f"Modules import one another in a circle: {' -> '.join([*above[above.index(path) :], path])}")
    if path in modules:
        return
    source = (folder / path).read_text("utf-8")
    module = _parsed(path, source if path.endswith(".css") else _uncommented(source))
    for other in module.imports:
        _collect(other.path, folder, modules, [*above, path])
    modules[path] = module
