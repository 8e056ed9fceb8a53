"""Script: joins the ES modules in `widgets/frontend` into the one module that anywidget takes.

Modules are ordered by their import lines, and each becomes a function scope that returns what it exports; so neither
users nor the build need a bundler, and the page's text reads as the files do. Only the few forms of `import` and
`export` that the modules use are understood; anything else is an error that names file and line.
"""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_IMPORT: Final = re.compile(r'^import (?:\{([\w$\s,]*)\}|(\w+)) from "(\.{1,2}/[\w/.]+)";$', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?=(?:async function|function\*?|const|class) (\w+))", re.MULTILINE)
_DEFAULT: Final = re.compile(r"^export default ", re.MULTILINE)
_OTHER: Final = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)


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
    exports: frozenset[str]
    imports: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Path -> the names that are imported from there; of a style sheet, the name that its text gets."""
    default: bool = False

    @classmethod
    def parse(cls, path: str, source: str) -> _Module:
        exports = _EXPORT.findall(source)
        found = cls(path, source, frozenset(exports), {}, len(_DEFAULT.findall(source)) == 1)
        for match in _IMPORT.finditer(source):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), match[3]))
            names = tuple(n.strip() for n in (match[1] or match[2]).split(",") if n.strip())
            if target.startswith("..") or target in found.imports or bool(match[2]) != target.endswith(".css"):
                found.fail(match.start(), f"cannot import this from {match[3]!r}, or imports from it twice")
            if wrong := [n for n in names if not n.isidentifier()]:
                found.fail(match.start(), f"imports under another name are not understood: {wrong[0]!r}")
            found.imports[target] = names
        understood = {m.start() for form in (_IMPORT, _EXPORT, _DEFAULT) for m in form.finditer(source)}
        for match in _OTHER.finditer(source):
            if match.start() not in understood:
                found.fail(match.start(), f"not understood: {match[0]!r:.80}")
        return found

    def fail(self, at: int, why: str) -> NoReturn:
        line = self.source.count("\n", 0, at) + 1
        raise SyntaxError(f"{self.path}, line {line}: {why}", (self.path, line, 1, self.source.splitlines()[line - 1]))

    def body(self, modules: dict[str, _Module]) -> str:
        """Return the source, its imports taken from the scopes of other modules; line numbers stay."""

        def imported(match: re.Match[str]) -> str:
            target = posixpath.normpath(posixpath.join(posixpath.dirname(self.path), match[3]))
            if match[2]:
                return f"const {match[2]} = {_name(target)};"
            if missing := set(self.imports[target]) - modules[target].exports:
                self.fail(match.start(), f"{target} does not export {', '.join(sorted(missing))}")
            return f"const {{{match[1]}}} = {_name(target)};"

        return f"// {self.path}\n{_IMPORT.sub(imported, self.source)}"

    def scope(self, modules: dict[str, _Module]) -> str:
        if self.path.endswith(".css"):
            return f"const {_name(self.path)} = {json.dumps(self.source)};\n"
        if self.default:
            self.fail(0, "only an entry has a default export")
        body = _EXPORT.sub("", self.body(modules))
        return f"const {_name(self.path)} = (() => {{ {body}return {{ {', '.join(sorted(self.exports))} }};\n}})();\n"


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
    module = _Module(path, source, frozenset()) if path.endswith(".css") else _Module.parse(path, source)
    for target in module.imports:
        _collect(target, folder, modules, [*above, path])
    modules[path] = module
