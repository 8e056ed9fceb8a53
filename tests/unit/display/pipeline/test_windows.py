"""GP6, GP14: the three VOI functions against golden values, the Standard's formulas and pydicom."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydicom.pixels import apply_windowing

from dicom_widgets import Window
from dicom_widgets.display.pipeline.grayscale import Chain, Modality, voi_choices
from dicom_widgets.display.pipeline.view_settings import presets
from tests.samples import item, raw

IDENTITY = Modality()
FUNCTIONS = ["LINEAR", "LINEAR_EXACT", "SIGMOID"]


def shown(window: Window, *values: float, inverse: bool = False) -> list[int]:
    return Chain(IDENTITY, window, inverse=inverse).display(np.array(values, float)).tolist()


def half_up(y: float) -> int:
    return math.floor(y + 0.5)


def test_linear_golden_values():
    """display.md 2; PS3.3 C.11.2.1.2.1; rounding is half up (X5)."""
    golden = {-160: 0, -159: 0.639, 0: 102.256, 40: 127.820, 100: 166.165, 239: 255, 240: 255, 5000: 255, -5000: 0}
    assert shown(Window(40, 400), *golden) == [half_up(y) for y in golden.values()]


def test_linear_as_exact_fractions():
    """x <= c - 0.5 - (w-1)/2 is black, x > c - 0.5 + (w-1)/2 white, between ((x - (c - 0.5))/(w-1) + 0.5) 255."""
    for c, w in ((2048, 4096), (40, 400), (0, 2), (-600, 1500), (100, 3)):
        for x in range(c - w, c + w + 1, max(1, w // 50)):
            low, high = c - Fraction(1, 2) - Fraction(w - 1, 2), c - Fraction(1, 2) + Fraction(w - 1, 2)
            y = 0 if x <= low else 255 if x > high else ((x - (c - Fraction(1, 2))) / (w - 1) + Fraction(1, 2)) * 255
            assert shown(Window(c, w), x) == [math.floor(y + Fraction(1, 2))], (c, w, x)


@pytest.mark.parametrize(("x", "y"), [(39, 0), (39.4, 0), (39.5, 0), (39.51, 255), (40, 255)])
def test_linear_of_width_1_is_a_threshold_at_center_minus_a_half(x, y):
    assert shown(Window(40, 1), x) == [y]


@pytest.mark.parametrize(
    ("x", "y"),
    [(-3.6, 0), (-3.5, 0), (-2.5, 255 / 8), (0.5, 127.5), (1.5, 255 * 5 / 8), (4.5, 255), (4.6, 255)],
)
def test_linear_exact_clips_at_center_plus_minus_half_the_width(x, y):
    """display.md 2: c=.5 w=8 clips at -3.5 and 4.5."""
    assert shown(Window(0.5, 8, "LINEAR_EXACT"), x) == [half_up(y)]


def test_linear_exact_and_linear_differ_in_narrow_windows():
    """By up to 29.6 levels at w=8 (display.md 2): here 0.5: 127.5 against 145.7."""
    assert shown(Window(0.5, 8), 0.5) == [half_up((0.5 / 7 + 0.5) * 255)] == [146]
    assert shown(Window(0.5, 8, "LINEAR_EXACT"), 0.5) == [128]


@pytest.mark.parametrize(("x", "y"), [(40, 127.5), (140, 186.42), (-1e9, 0), (1e9, 255), (-60, 255 - 186.42)])
def test_sigmoid_golden_values(x, y):
    """display.md 2; PS3.3 C.11.2.1.3.1."""
    assert shown(Window(40, 400, "SIGMOID"), x) == [half_up(y)]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(("c", "w"), [(40, 400), (2048, 4096), (1000.5, 12.25), (50, 2)])
def test_the_functions_are_pydicoms(function, c, w):
    """pydicom gives the range of 16 stored bits, 0 to 65535."""
    ds = item(
        WindowCenter=c,
        WindowWidth=w,
        VOILUTFunction=function,
        BitsStored=16,
        PixelRepresentation=0,
        PhotometricInterpretation="MONOCHROME2",
    )
    x = np.arange(0, 4200, dtype=np.uint16)[None]
    theirs = np.floor(apply_windowing(x, ds) / 65535 * 255 + 0.5)
    ours = Chain(IDENTITY, Window(c, w, function)).display(x.astype(float))
    assert np.abs(ours - theirs).max() <= 1
    assert (ours == theirs).mean() > 0.999  # ties of the rounding


@pytest.mark.parametrize("function", FUNCTIONS)
def test_inversion_mirrors_the_levels(function):
    """GP9: 255 - y, before the rounding."""
    chain = Window(40, 400, function)
    assert shown(chain, -1e6, 1e6, inverse=True) == [255, 0]
    x = np.arange(-200, 300).astype(float)
    both = np.array(shown(chain, *x)) + shown(chain, *x, inverse=True)
    assert set(both.tolist()) <= {255, 256}


finite = st.floats(allow_nan=False, allow_infinity=False)


@example(center=1.7e308, width=3e307, function="LINEAR", slope=1e304, intercept=1.7e308, signed=False, inverse=False)
@given(
    center=finite,
    width=st.floats(min_value=5e-324, allow_nan=False, allow_infinity=False),
    function=st.sampled_from(FUNCTIONS),
    slope=st.one_of(st.sampled_from([1.0, 0.001, 65536.0]), st.floats(1e-300, 1e300)),
    intercept=st.one_of(st.sampled_from([0.0, -1024.0, -1e6]), finite),
    signed=st.booleans(),
    inverse=st.booleans(),
)
def test_any_window_of_any_rescale_is_monotonic(center, width, function, slope, intercept, signed, inverse):
    """GP14: no wrap, no gap, no exception, no warning; whatever the numbers."""
    window = Window(center, max(width, 1.0) if function == "LINEAR" else width, function)
    lut = Chain(Modality(slope, intercept), window, inverse=inverse, signed=signed).lut()
    order = np.arange(65536, dtype=np.uint16)
    rising = np.concatenate([lut[0x8000:], lut[:0x8000]]) if signed else lut[order]
    steps = np.diff((255 - rising if inverse else rising).astype(int))
    assert lut.dtype == np.uint8
    assert lut.shape == (65536,)
    assert steps.min() >= 0


@pytest.mark.parametrize(
    ("center", "width", "function"),
    [
        (40, 0, "LINEAR"),
        (40, 0.9, "LINEAR"),
        (40, -5, "LINEAR"),
        (40, 0, "LINEAR_EXACT"),
        (40, -1, "SIGMOID"),
        (float("nan"), 5, "LINEAR"),
        (40, float("nan"), "LINEAR"),
        (float("inf"), 5, "SIGMOID"),
        (40, float("inf"), "LINEAR_EXACT"),
    ],
)
def test_a_window_that_is_not_defined_is_refused(center, width, function):
    """PS3.3 C.11.2.1.2.1: width >= 1; C.11.2.1.3: width > 0."""
    with pytest.raises(ValueError, match="window"):
        Window(center, width, function)


@pytest.mark.parametrize(("low", "high"), [(0, 4095), (-1024, 3071), (0, 1), (-5, -5), (0.25, 0.5)])
def test_a_window_over_a_range_has_its_ends_black_and_white(low, high):
    """GP8: exactly 0 at the lowest and 255 at the highest value."""
    window = Window.over(low, high)
    assert shown(window, low) == [0]
    if high > low:
        assert shown(window, high) == [255]
        assert shown(window, (low + high) / 2) == [128]


# --- what real files have (X6, GP5)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"WindowCenter": "40", "WindowWidth": "400"}, [(40, 400)]),
        ({"WindowCenter": " 40 ", "WindowWidth": "400 "}, [(40, 400)]),
        ({"WindowCenter": "40.5\\1e2", "WindowWidth": "400\\3"}, [(40.5, 400), (100, 3)]),
        ({"WindowCenter": "40\\50", "WindowWidth": "400"}, [(40, 400)]),
        ({"WindowCenter": "40", "WindowWidth": "400\\300"}, [(40, 400)]),
        ({"WindowCenter": "40,5", "WindowWidth": "400"}, []),
        ({"WindowCenter": "", "WindowWidth": "400"}, []),
        ({"WindowCenter": "40"}, []),
        ({"WindowWidth": "400"}, []),
        ({"WindowCenter": "40", "WindowWidth": "0"}, []),
        ({"WindowCenter": "40", "WindowWidth": "-1"}, []),
        ({"WindowCenter": "nan", "WindowWidth": "400"}, []),
        ({"WindowCenter": "1e999", "WindowWidth": "400"}, []),
        ({"WindowCenter": "40\\50", "WindowWidth": "0\\20"}, [(50, 20)]),
    ],
)
def test_malformed_windows_are_left_out_and_the_others_kept(values, expected):
    ds = raw(**{keyword: ("DS", said.encode()) for keyword, said in values.items()})
    assert [(w.center, w.width) for w in voi_choices(ds)] == expected


@pytest.mark.parametrize(
    ("said", "used"),
    [
        ("LINEAR", "LINEAR"),
        ("LINEAR_EXACT", "LINEAR_EXACT"),
        ("SIGMOID", "SIGMOID"),
        ("sigmoid", "SIGMOID"),
        ("CUBIC", "LINEAR"),
        ("", "LINEAR"),
        (None, "LINEAR"),
    ],
)
def test_the_voi_lut_function_is_read_and_an_unknown_one_is_linear(said, used):
    (window,) = voi_choices(item(WindowCenter=40, WindowWidth=400, VOILUTFunction=said))
    assert window.function == used


def test_every_pair_keeps_its_explanation():
    """GP5."""
    ds = item(WindowCenter=[40, -600], WindowWidth=[400, 1500], WindowCenterWidthExplanation=["SOFT", "LUNG"])
    assert [w.explanation for w in voi_choices(ds)] == ["SOFT", "LUNG"]
    del ds.WindowCenterWidthExplanation
    assert [w.explanation for w in voi_choices(ds)] == ["", ""]


def test_the_ct_presets_are_windows_in_hu():
    """GP13."""
    named = {w.explanation: (w.center, w.width) for w in presets("CT")}
    assert {"lung", "bone", "brain", "abdomen"} <= set(named)
    assert named["lung"][0] < -400 < named["brain"][0] < named["bone"][0]
    assert presets("US") == []


@pytest.mark.parametrize(
    ("window", "levels"),
    [
        (Window(40, 400), (-160, 239)),
        (Window(0.5, 8, "LINEAR_EXACT"), (-3.5, 4.5)),
        (Window.over(0, 100), (0, 100)),
        (Window.over(0.25, 0.75), (0.25, 0.75)),
    ],
)
def test_levels_are_what_becomes_black_and_white(window, levels):
    """NP2, GP13; GP6 for the terms of LINEAR."""
    assert window.levels == levels
