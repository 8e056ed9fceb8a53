"""Real peers on loopback, one of each for the test session, and factories for others."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pydicom
import pytest
from pydicom.data import get_testdata_file

from tests.peers.certificates import Authority
from tests.peers.dcmqrscp import Dcmqrscp
from tests.peers.loopback import files, free_port, tool
from tests.peers.misbehaving import Misbehaving, servers_that_end_quickly
from tests.peers.orthanc import PLUGINS, Orthanc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SERIES = ("ct_head_tiny_slicer", "mr_lumbar_4series")
"""What the peers hold where there are test data."""

SHIPPED = ("CT_small.dcm", "MR_small.dcm", "examples_jpeg2k.dcm", "SC_rgb_jpeg_gdcm.dcm")
SHIPPED_FOLDERS = ("77654033", "98892001", "98892003")
"""What they hold elsewhere, from the pydicom wheel: three studies of one image and three patients of a file-set."""


@dataclass(frozen=True)
class Contents:
    """What `orthanc` and `dcmqrscp` hold."""

    files: tuple[Path, ...]
    real: bool
    """Whether these are the series of the test data, or what the pydicom wheel has."""

    @cached_property
    def datasets(self) -> dict[str, pydicom.Dataset]:
        """SOP Instance UID -> header (without pixels)."""
        headers = (pydicom.dcmread(path, stop_before_pixels=True) for path in self.files)
        return {header.SOPInstanceUID: header for header in headers}

    @cached_property
    def tree(self) -> dict[str, dict[str, list[str]]]:
        """Study -> series -> SOP Instance UIDs."""
        tree: dict[str, dict[str, list[str]]] = {}
        for uid, header in self.datasets.items():
            series = tree.setdefault(header.StudyInstanceUID, {})
            series.setdefault(header.SeriesInstanceUID, []).append(uid)
        return tree

    @cached_property
    def largest_series(self) -> tuple[str, str, list[str]]:
        """Study, series and SOP Instance UIDs of the series with the most instances."""
        rows = [(study, series, uids) for study, all_series in self.tree.items() for series, uids in all_series.items()]
        return max(rows, key=lambda row: len(row[2]))


@pytest.fixture(scope="session")
def loaded(data_or_none: Path | None) -> Contents:
    """What `orthanc` and `dcmqrscp` hold."""
    if data_or_none is not None:
        return Contents(tuple(files(data_or_none / "series" / name for name in SERIES)), real=True)
    first = [Path(str(get_testdata_file(name, download=False))) for name in SHIPPED]
    folders = [first[0].parent / "dicomdirtests" / name for name in SHIPPED_FOLDERS]
    return Contents(tuple(files([*first, *folders])), real=False)


@pytest.fixture(scope="session")
def listener_port() -> int:
    """The port on which `orthanc` and `dcmqrscp` know the AE title DICOM_WIDGETS as a destination of C-MOVE."""
    return free_port()


@pytest.fixture(scope="session")
def orthanc_here(missing: Callable[[str, str], NoReturn]) -> None:
    """Without Orthanc, its plug-ins included, a test that uses this does not run."""
    if tool("Orthanc") is None or not all(path.exists() for path in PLUGINS):
        missing("Orthanc", "apt-get install orthanc orthanc-dicomweb orthanc-gdcm")


@pytest.fixture(scope="session")
def dcmqrscp_here(missing: Callable[[str, str], NoReturn]) -> None:
    """Without dcmqrscp a test that uses this does not run."""
    if tool("dcmqrscp") is None:
        missing("DCMTK's dcmqrscp", "apt-get install dcmtk")


@pytest.fixture(scope="session")
def orthanc(orthanc_here: None, loaded: Contents, listener_port: int) -> Iterator[Orthanc]:
    """One Orthanc for the test session, to be read only."""
    with Orthanc(loaded.files, peers={"DICOM_WIDGETS": listener_port}) as pacs:
        yield pacs


@pytest.fixture(scope="session")
def dcmqrscp(dcmqrscp_here: None, loaded: Contents, listener_port: int) -> Iterator[Dcmqrscp]:
    """One dcmqrscp for the test session, to be read only."""
    with Dcmqrscp(loaded.files, peers={"DICOM_WIDGETS": listener_port}) as pacs:
        yield pacs


@pytest.fixture(params=["orthanc", "dcmqrscp"])
def pacs(request: pytest.FixtureRequest) -> Orthanc | Dcmqrscp:
    """Each of the real peers in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def start_orthanc(orthanc_here: None) -> Iterator[Callable[..., Orthanc]]:
    """Start further ones for a test: ``start_orthanc([path], SynchronousCMove=False)``."""
    with contextlib.ExitStack() as stack:
        yield lambda *arguments, **options: stack.enter_context(Orthanc(*arguments, **options))


@pytest.fixture
def start_dcmqrscp(dcmqrscp_here: None) -> Iterator[Callable[..., Dcmqrscp]]:
    """Start further ones for a test: ``start_dcmqrscp([path], callers=["GOOD"])``."""
    with contextlib.ExitStack() as stack:
        yield lambda *arguments, **options: stack.enter_context(Dcmqrscp(*arguments, **options))


@pytest.fixture
def misbehaving() -> Iterator[Callable[..., Misbehaving]]:
    """Start a peer that misbehaves: ``misbehaving("abort", count=3)``."""
    with contextlib.ExitStack() as stack:
        yield lambda *arguments, **options: stack.enter_context(Misbehaving(*arguments, **options))


@pytest.fixture(scope="module")
def quick_ends() -> Iterator[None]:
    """Servers of this process end quickly: for modules that start many."""
    with servers_that_end_quickly():
        yield


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate authority: ``authority.issue("server")``."""
    return Authority(tmp_path_factory.mktemp("authority"), "authority")
