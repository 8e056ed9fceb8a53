"""The built wheel, in an environment with the runtime dependencies and nothing else.

An editable install hides a script that the wheel forgets; the test dependencies hide a decoder that nobody declares.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

ABSENT = ("jupyterlab", "matplotlib", "pandas", "pytest", "xarray")

SAMPLES = ("MR_small.dcm", "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm", "SC_rgb_jpeg_gdcm.dcm")

STORY = """
import importlib.util
import sys

import numpy as np
from pydicom.data import get_testdata_file

import dicom_widgets as dw
from dicom_widgets.widgets.runtime.runtime import Runtime

*absent, uncompressed, jpeg2000, jpeg_ls, lossless_jpeg = sys.argv[1:]
assert "site-packages" in dw.__file__, dw.__file__
assert not [name for name in absent if importlib.util.find_spec(name)], "this environment is not bare"
assert str(Runtime._esm).strip(), "the page's script is not in the wheel"


def first_instance(entities):
    entity = entities[0]
    while entity.children:
        entity = entity.children[0]
    return entity


with dw.PracticePacs() as pacs, dw.Session() as session:
    study = session.find(pacs.remote)[0]
    result = session.retrieve(study, progress=False)
    assert result.received, result
    picture = session.present(first_instance(session.studies))
    assert picture.rgba().shape[2] == 4

with dw.Session() as session:
    arrays = {}
    for name in (uncompressed, jpeg2000, jpeg_ls):
        instance = first_instance(session.load(get_testdata_file(name, download=False)))
        greys = np.unique(session.present(instance).rgba()[..., :3])
        assert greys.size > 16, f"{name}: {greys.size} grey levels"
        arrays[name] = session.array(instance, values="stored")
    assert np.array_equal(arrays[uncompressed], arrays[jpeg2000]), "lossless JPEG 2000 gives other values"
    assert np.array_equal(arrays[uncompressed], arrays[jpeg_ls]), "JPEG-LS gives other values"
    colour = first_instance(session.load(get_testdata_file(lossless_jpeg, download=False)))
    bars = session.array(colour, values="stored")
    assert np.unique(bars).tolist() == [0, 64, 128, 192, 255], "lossless JPEG gives other values"

print("done")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT]
    subprocess.run(command, check=True)
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_holds_the_package_its_scripts_and_its_types_and_nothing_else(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    source = ROOT / "dicom_widgets"
    expected = {
        path.relative_to(ROOT).as_posix()
        for path in source.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and not path.name.startswith(".")
    }
    assert {name for name in names if ".dist-info/" not in name} == expected
    assert "dicom_widgets/py.typed" in names
    assert [name for name in names if name.startswith("dicom_widgets/widgets/frontend/") and name.endswith(".js")]


@pytest.mark.timeout(900)
def test_the_wheel_and_its_runtime_dependencies_suffice(wheel, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", wheel], check=True)
    story = tmp_path / "story.py"
    story.write_text(STORY)
    done = subprocess.run(
        [python, story, *ABSENT, *SAMPLES],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()[-4:]) == (0, "done"), done.stdout + done.stderr
