"""Fixtures of the unit tests: load and present in one call, and find files that come with pydicom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydicom.data import get_testdata_file

from tests import samples

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydicom.dataset import Dataset

    import dicom_widgets as dw


@pytest.fixture
def show(session: dw.Session) -> Callable[..., dw.Picture]:
    """Load objects and present the first: `show(image, state, window=(40, 400))`."""

    def present(*objects: Dataset, **kwargs: object) -> dw.Picture:
        for ds in objects:
            session.load(samples.part10(ds))
        return session.present(str(objects[0].SOPInstanceUID), **kwargs)  # type: ignore[return-value]

    return present


@pytest.fixture(scope="session")
def wheel_file() -> Callable[[str], Path]:
    """A file of pydicom's wheel or of pydicom-data; both are installed with the tests, so none may be missing."""

    def find(name: str) -> Path:
        path = get_testdata_file(name, download=False)
        assert path, f"{name} comes with neither pydicom nor pydicom-data"
        return Path(path)

    return find
