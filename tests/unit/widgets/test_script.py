"""The page's script is joined of parts: what one declares, no other may; icons that are named are drawn."""

from __future__ import annotations

import re
from collections import Counter

from dicom_widgets.widgets.runtime.runtime import Runtime

_DECLARED = re.compile(r"^(?:async )?(?:function\*?|const|let|class) (\w+)", re.MULTILINE)


def test_no_name_is_declared_twice():
    names = Counter(_DECLARED.findall(str(Runtime._esm)))
    assert len(names) > 100
    assert [name for name, times in names.items() if times > 1] == []


def test_every_icon_that_is_named_is_drawn():
    script = str(Runtime._esm)
    table = re.search(r"^const ICONS = \{\n(.*?)^\};", script, re.MULTILINE | re.DOTALL).group(1)
    drawn = set(re.findall(r'^  "?([\w-]+)"?: \[', table, re.MULTILINE))
    named = set(re.findall(r'icon(?:: |\()"([^"]+)"', script)) | {"pause", "play"}
    assert len(named) > 25
    assert named == drawn
