"""PS5 to PS8 against dcmp2pgm: on an object made here, and on the real states whose stages are done."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread

import dicom_widgets as dw
from dicom_widgets.display.pipeline.grayscale import Chain
from tests import samples
from tests.samples import item, lut, refer, state

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")


@pytest.fixture
def rendered(dcmtk, tmp_path):
    """Render an image under a state with dcmp2pgm: the bitmap before any scaling."""

    def render(image, presentation) -> np.ndarray:
        out = tmp_path / "out.pgm"
        done = subprocess.run(
            [dcmtk("dcmp2pgm"), "-p", str(presentation), str(image), str(out)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return np.asarray(Image.open(out)).astype(int)

    return render


def ours(image, presentation, **kwargs) -> np.ndarray:
    """Return our picture under the state, one screen pixel for each pixel of the image."""
    with dw.Session(listen_port=0) as session:
        session.load([image, presentation])
        uid = str(dcmread(presentation, stop_before_pixels=True).SOPInstanceUID)
        shown = session.present(str(dcmread(image).SOPInstanceUID), presentation=uid, **kwargs)
        assert isinstance(shown, dw.Picture)
        return shown.rgba()[..., 0].astype(int)


def saved(folder, name: str, ds):
    ds.save_as(folder / name, enforce_file_format=True)
    return folder / name


def sample(**attributes):
    """Return a small image without any symmetry, 12 bits."""
    grid = np.random.default_rng(5).integers(0, 4096, (14, 22), np.uint16)
    grid[:3, :5] = 4095
    return samples.image(grid, samples.MR, BitsStored=12, InstanceNumber=1, **attributes)


def spatial(ds, rotation: int, flip: str):
    """Return the module's attributes; the displayed area is named after the transformation (PS3.3 C.10.4)."""
    first, last = np.array([1, 1]), np.array([ds.Columns, ds.Rows])
    swap = {0: (0, 0), 90: (0, 1), 180: (1, 1), 270: (1, 0)}[rotation]
    if flip == "Y":  # after the rotation: what was at the right is at the left
        swap = (1 - swap[0], swap[1]) if rotation % 180 == 0 else (swap[0], 1 - swap[1])
    corners = [np.where(swap, last, first).tolist(), np.where(swap, first, last).tolist()]
    area = item(
        DisplayedAreaTopLeftHandCorner=corners[0],
        DisplayedAreaBottomRightHandCorner=corners[1],
        PresentationSizeMode="SCALE TO FIT",
        PresentationPixelAspectRatio=[1, 1],
    )
    return {
        "ImageRotation": rotation,
        "ImageHorizontalFlip": flip,
        "DisplayedAreaSelectionSequence": [area],
        "SoftcopyVOILUTSequence": [item(WindowCenter=2048, WindowWidth=4096)],
    }


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("flip", ["N", "Y"])
def test_rotation_clockwise_then_flip(rendered, tmp_path, rotation, flip):
    """PS8: all eight."""
    ds = sample()
    image = saved(tmp_path, "image.dcm", ds)
    presentation = saved(tmp_path, "state.dcm", complete(state(ds, **spatial(ds, rotation, flip))))
    theirs = rendered(image, presentation)
    mine = ours(image, presentation)
    assert mine.shape == theirs.shape
    assert np.abs(mine - theirs).max() <= 1


def complete(ds):
    """Add what DCMTK asks of a presentation state (type 1 and 2 attributes of its modules)."""
    ds.ContentDescription = ds.ContentCreatorName = ds.StudyID = ds.AccessionNumber = ds.StudyTime = ""
    ds.ReferringPhysicianName = ds.PatientBirthDate = ds.PatientSex = ds.Manufacturer = ""
    ds.SeriesNumber = 1
    return ds


STAGES = {  # no SIGMOID: dcmp2pgm takes it for LINEAR
    "nothing": {},
    "inverse": {"PresentationLUTShape": "INVERSE"},
    "rescale": {"RescaleSlope": "2", "RescaleIntercept": "-1000", "RescaleType": "US"},
    "window": {"SoftcopyVOILUTSequence": [item(WindowCenter=1000, WindowWidth=700)]},
    "threshold": {"SoftcopyVOILUTSequence": [item(WindowCenter=1000, WindowWidth=1)]},
    "voi lut": {"SoftcopyVOILUTSequence": [item(VOILUTSequence=[lut(list(range(0, 1024, 2)), first=800, bits=10)])]},
    "modality lut": {
        "ModalityLUTSequence": [lut(list(range(4095, -1, -1)), bits=12, ModalityLUTType="US")],
        "SoftcopyVOILUTSequence": [item(WindowCenter=3000, WindowWidth=500)],
    },
    "modality lut, no voi": {
        "ModalityLUTSequence": [lut(list(range(4095, -1, -1)), bits=12, ModalityLUTType="US")],
    },
    "rescale, window, inverse": {
        "RescaleSlope": "0.5",
        "RescaleIntercept": "10",
        "RescaleType": "US",
        "SoftcopyVOILUTSequence": [item(WindowCenter=500, WindowWidth=900)],
        "PresentationLUTShape": "INVERSE",
    },
}


@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize("own", [False, True], ids=["plain", "own stages"])
def test_grayscale_stages(rendered, tmp_path, name, own):
    """PS5: what the image brings itself (rescale, window, MONOCHROME1) makes no difference."""
    ds = sample()
    if own:
        ds.PhotometricInterpretation, ds.WindowCenter, ds.WindowWidth = "MONOCHROME1", 50, 60
        ds.RescaleSlope, ds.RescaleIntercept = "3", "-9"
    image = saved(tmp_path, "image.dcm", ds)
    presentation = saved(tmp_path, "state.dcm", complete(state(ds, **STAGES[name])))
    assert np.abs(ours(image, presentation) - rendered(image, presentation)).max() <= 1


def test_scoped_voi_items(rendered, tmp_path):
    """PS6."""
    first, second = sample(), sample()
    paths = [saved(tmp_path, f"{i}.dcm", ds) for i, ds in enumerate((first, second))]
    items = [
        item(WindowCenter=500, WindowWidth=100, ReferencedImageSequence=[refer(second)]),
        item(WindowCenter=3000, WindowWidth=900, ReferencedImageSequence=[refer(first)]),
    ]
    presentation = saved(tmp_path, "state.dcm", complete(state(first, second, SoftcopyVOILUTSequence=items)))
    for path in paths:
        assert np.abs(ours(path, presentation) - rendered(path, presentation)).max() <= 1
    assert (ours(paths[0], presentation) != ours(paths[1], presentation)).any()


# --- real states

GROUPS = ["modality_lut", "voi_lut", "combined_lut", "presentation_lut", "spatial_transformation"]


def pairs(folder) -> list[tuple]:
    """Return the (image, state) pairs of a folder: the state names the image."""
    files = {str(dcmread(p, stop_before_pixels=True).SOPInstanceUID): p for p in folder.iterdir()}
    found = []
    for path in files.values():
        ds = dcmread(path, stop_before_pixels=True)
        for series in ds.get("ReferencedSeriesSequence", []) if ds.SOPClassUID == samples.GSPS else []:
            uids = [image.ReferencedSOPInstanceUID for image in series.ReferencedImageSequence]
            found += [(files[uid], path) for uid in uids if uid in files]
    return sorted(found)


@pytest.mark.parametrize("group", GROUPS)
def test_the_image_display_consistency_suite(data, rendered, group):
    """PS5 to PS8 on the OFFIS/IHE files; DCMTK scales the Presentation LUT in whole numbers: three levels."""
    found = pairs(data / "gsps" / "consistency" / group)
    assert found
    for image, presentation in found:
        difference = np.abs(ours(image, presentation) - rendered(image, presentation))
        assert difference.max() <= (3 if "PresentationLUTSequence" in dcmread(presentation) else 1), presentation.name


def test_all_of_the_suite_is_applied_and_each_group_has_what_it_is_called(data):
    """X2, PS9, PS16: nothing is left out, and shutters and areas are there."""
    for group, name in (("display_shutter", "shutter"), ("displayed_area", "home")):
        for image, presentation in pairs(data / "gsps" / "consistency" / group):
            with dw.Session(listen_port=0) as session:
                session.load([image, presentation])
                picture = session.present(str(dcmread(image).SOPInstanceUID))
            assert getattr(picture, name) is not None or group == "displayed_area"
            assert not picture.record["not_applied"]


def test_every_real_state_is_valid_in_the_chain(data):
    """All pairs of the suite give a picture with a whole chain."""
    for folder in sorted((data / "gsps" / "consistency").iterdir()):
        for image, presentation in pairs(folder):
            with dw.Session(listen_port=0) as session:
                session.load([image, presentation])
                picture = session.present(str(dcmread(image).SOPInstanceUID))
                assert isinstance(picture.layers[0].chain, Chain)
                assert picture.state["uid"] == str(dcmread(presentation).SOPInstanceUID)
