"""An invented view into an eye, in colour, and a small test card for the many patients of the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from dicom_widgets.practice.archive import Holding
from dicom_widgets.practice.modules import Series, Study, describe_pixels, pixel_data
from dicom_widgets.practice.paint import smooth, texture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

SC: Final = "1.2.840.10008.5.1.4.1.1.7"
_SIZE: Final = 512
_CARD: Final = 128


def photograph(study: Study) -> Iterator[Holding]:
    """Yield the one colour image of the study: a Secondary Capture, RGB with 8 bits."""
    series = Series(study, 1, "XC", SC, "Fundus, left eye")
    yield Holding(_header(series, _SIZE, "RGB"), lambda: pixel_data(fundus()))


def test_card(study: Study) -> Iterator[Holding]:
    """Yield the one small grey image of the study."""
    series = Series(study, 1, "OT", SC, "Test card")
    yield Holding(_header(series, _CARD, "MONOCHROME2"), lambda: pixel_data(card(study.number)))


def fundus() -> NDArray[np.uint8]:
    """Return the picture, shape (512, 512, 3)."""
    y, x = (np.linspace(-1, 1, _SIZE, dtype=np.float32)[axis] for axis in ((slice(None), None), slice(None)))
    radius = np.hypot(x, y)
    disc = np.hypot((x + 0.36) / 0.115, (y - 0.02) / 0.13)
    macula = np.exp(-(((x - 0.14) ** 2 + (y - 0.05) ** 2) / 0.02))
    mottled = texture(np.zeros(1, np.float32), 100 * y, 100 * x, 14)
    light = (1 - 0.45 * radius**2) * (1 + 0.05 * mottled) * (1 - 0.35 * macula)
    glow = 0.5 - 0.5 * np.tanh(4 * (disc - 1))
    cup = 0.5 - 0.5 * np.tanh(5 * (disc - 0.5))
    vessels = np.clip(smooth(_vessels(), axes=(0, 1)), 0, 1)
    channels = [
        (base * light * (1 - glow) + bright * glow + 25 * cup) * (1 - dark * vessels)
        for base, bright, dark in ((205, 240, 0.35), (98, 190, 0.62), (42, 120, 0.55))
    ]
    picture = np.stack(channels, axis=-1) * np.clip((0.95 - radius) / 0.01, 0, 1)[..., None]
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def card(number: int) -> NDArray[np.uint8]:
    """Return a test card, shape (128, 128): a grey ramp and as many stripes as the number says."""
    y, x = np.arange(_CARD)[:, None], np.arange(_CARD)
    picture = np.broadcast_to(2 * x, (_CARD, _CARD)).astype(np.uint8)
    stripes = (y > 64) & ((x * (number % 12 + 2) * 2 // _CARD) % 2 == 1)
    picture[stripes] = 255 - picture[stripes]
    picture[np.hypot(x - 64, y - 64) < 20] = 128
    return picture


def _vessels() -> NDArray[np.float32]:
    """Return where vessels lie: arcades that leave the optic disc and branch."""
    picture = np.zeros((_SIZE, _SIZE), np.float32)
    rng = np.random.default_rng(7)
    for up in (-1, 1):
        for bend, width in ((1.25, 3.2), (0.72, 2.6), (2.1, 2.4)):
            _branch(picture, rng, (-0.36, 0.02), up * 1.45 - (0.5 if bend > 2 else 0), -up * bend, width, 0)
            _branch(picture, rng, (-0.36, 0.02), up * 1.75 + 0.3 * up, up * 0.8 * bend, 0.8 * width, 0)
    return picture


def _branch(
    picture: NDArray[np.float32],
    rng: np.random.Generator,
    start: tuple[float, float],
    angle: float,
    bend: float,
    width: float,
    generation: int,
) -> None:
    """Draw a vessel that bends, gets thinner, and sends off thinner ones."""
    x, y = start
    for step in range(140 - 35 * generation):
        x, y = x + 0.0085 * np.cos(angle), y + 0.0085 * np.sin(angle)
        angle += 0.0085 * bend + 0.03 * rng.standard_normal()
        column, row, half = round((x + 1) * 255.5), round((y + 1) * 255.5), max(1, round(width * (1 - step / 170)))
        picture[max(0, row) : max(0, row + half), max(0, column) : max(0, column + half)] = 1
        if generation < 2 and step % 34 == 20:
            side = 1 if (step // 34) % 2 else -1
            _branch(picture, rng, (x, y), angle + 0.7 * side, -0.6 * side, 0.7 * width, generation + 1)


def _header(series: Series, size: int, photometric: str) -> Dataset:
    """Return the header: SC equipment and general image modules (PS3.3 C.8.6.1, C.7.6.1)."""
    dataset = series.instance(1)
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    dataset.ConversionType, dataset.PatientOrientation = "SYN", ""
    dataset.Laterality = "L" if photometric == "RGB" else ""
    describe_pixels(dataset, size, size, 8, photometric)
    return dataset
