"""The page's script is ES modules that are joined by their imports; icons that are named are drawn."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dicom_widgets
from dicom_widgets.widgets.runtime.base import SessionWidget
from dicom_widgets.widgets.runtime.runtime import Runtime
from dicom_widgets.widgets.runtime.script import script

FRONTEND = Path(dicom_widgets.__file__).parent / "widgets" / "frontend"


def joined(folder: Path, **modules: str) -> str:
    """Join modules; a name's double underscore is a folder."""
    for name, source in modules.items():
        path = folder / f"{name.replace('__', '/')}.js"
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
    return script("main.js", folder)


def test_every_module_is_part_of_an_entry():
    known = {path.relative_to(FRONTEND).as_posix() for path in FRONTEND.rglob("*.js")}
    parts = set(
        re.findall(
            r"^(?:const \S+ = \(\(\) => \{ )?// (\S+\.js)$", f"{Runtime._esm}\n{SessionWidget._esm}", re.MULTILINE
        )
    )
    assert len(known) > 60
    assert parts == known


def test_no_room_holds_more_than_fifteen_files():
    rooms = [FRONTEND, *(path for path in FRONTEND.rglob("*") if path.is_dir())]
    assert {room.name: n for room in rooms if (n := sum(p.is_file() for p in room.iterdir())) > 15} == {}


def test_modules_are_joined_once_each_and_before_those_that_import_them(tmp_path):
    text = joined(
        tmp_path,
        main='import { b } from "./b.js";\nimport {\n  a,\n  two\n} from "./deep/a.js";\nexport default a + b;\n',
        b='import { a } from "./deep/a.js";\nexport const b = a;\nconst own = 1;\n',
        deep__a="export async function a() {}\nexport const two = 2;\n",
    )
    assert text.count("async function a()") == 1
    assert text.index("// deep/a.js") < text.index("// b.js") < text.index("// main.js")
    assert "const { a } = $deep_a;" in text
    assert "return { a, two };" in text
    assert "return { b };" in text


def test_a_style_sheet_is_imported_as_its_text(tmp_path):
    (tmp_path / "style.css").write_text('a::after { content: "é" }\n')
    text = joined(tmp_path, main='import style from "./style.css";\nexport default style;\n')
    assert 'const $style_css = "a::after { content: \\"\\u00e9\\" }\\n";' in text
    assert "const style = $style_css;" in text


@pytest.mark.parametrize(
    ("modules", "words"),
    [
        ({"main": 'import { a } from "./a.js";\nexport default a;\n', "a": "const a = 1;\n"}, "a.js does not export a"),
        (
            {
                "main": 'import { a } from "./a.js";\nexport default a;\n',
                "a": 'import { b } from "./b.js";\nexport const a = b;\n',
                "b": 'import { a } from "./a.js";\nexport const b = a;\n',
            },
            "in a circle: a.js -> b.js -> a.js",
        ),
        ({"main": "// nothing\n\nexport let a = 1;\n"}, "main.js, line 3: not understood: 'export let a = 1;'"),
        ({"main": 'import { a as b } from "./a.js";\n', "a": "export const a = 1;\n"}, "'a as b'"),
        ({"main": 'import * as a from "./a.js";\n', "a": "export const a = 1;\n"}, "line 1: not understood"),
        ({"main": 'import { a } from "../a.js";\n'}, "cannot import this from '../a.js'"),
        ({"main": 'import a from "./a.js";\n', "a": "export default 1;\n"}, "cannot import this from './a.js'"),
        ({"main": 'import { a } from "./a.js";\nexport default a;\n', "a": "export default 1;\n"}, "default export"),
        ({"main": "const a = 1;\n"}, "an entry needs one `export default`"),
    ],
)
def test_what_is_not_understood_is_an_error_that_names_it(tmp_path, modules, words):
    with pytest.raises(SyntaxError, match=re.escape(words)):
        joined(tmp_path, **modules)


def test_a_module_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"a\.js"):
        joined(tmp_path, main='import { a } from "./a.js";\nexport default a;\n')


def test_every_icon_that_is_named_is_drawn():
    text = str(Runtime._esm)
    table = re.search(r"^const ICONS = \{\n(.*?)^\};", text, re.MULTILINE | re.DOTALL).group(1)
    drawn = set(re.findall(r'^  "?([\w-]+)"?: \[', table, re.MULTILINE))
    named = set(re.findall(r'icon(?:: |\()"([^"]+)"', text)) | {"pause", "play"}
    assert len(named) > 25
    assert named == drawn
