"""The page's script is joined of parts: what one of them declares, no other may."""

from __future__ import annotations

import re
from collections import Counter

from dicom_widgets.widgets.runtime import Runtime

_DECLARED = re.compile(r"^(?:async )?(?:function\*?|const|let|class) (\w+)", re.MULTILINE)


def test_no_name_is_declared_twice():
    names = Counter(_DECLARED.findall(str(Runtime._esm)))
    assert len(names) > 100
    assert [name for name, times in names.items() if times > 1] == []
