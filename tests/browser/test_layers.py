"""Colours, wide values, tables, overlays, shutters and displayed areas in a real JupyterLab: equal to the kernel's."""

from __future__ import annotations

import numpy as np
from PIL import Image

from tests.browser.comparison import PIXELS, same
from tests.browser.images import OBJECTS, SETUP

ZOOMS = ("'fit'", 0.37, 1, 1.6)


def opened(lab, page, name: str, code: str) -> None:
    lab.write(f"{name}.ipynb", SETUP + OBJECTS + code, "viewport")
    page.open(f"{name}.ipynb")
    page.run_all()


PROFILED = """
from PIL import ImageCms
profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes())
red, blue = profile.index(b'rXYZ') + 4, profile.index(b'bXYZ') + 4
profile[red : red + 8], profile[blue : blue + 8] = profile[blue : blue + 8], profile[red : red + 8]
ds = rgb(color)
ds.ICCProfile = bytes(profile)
viewport.show(load(ds))
"""


def test_colours_are_equal_at_any_zoom_turned_and_inverted(lab, page, artefacts):
    """CO1, CO5, US6."""
    opened(lab, page, "colour", "viewport = dw.Viewport(session, load(rgb(color)), height='400px')")
    for zoom in ZOOMS:
        page.kernel(f"viewport.zoom = {zoom}")
        seen = same(page, least_levels=40)
        assert (seen[..., 0] != seen[..., 2]).any()
    page.kernel("viewport.turns, viewport.flip, viewport.zoom = 1, True, 0.45")
    upright = same(page, least_levels=40)
    page.kernel("viewport.invert = True")
    inverted = same(page, least_levels=40)
    inside = (upright[..., :3] != 0).any(axis=2)
    assert np.array_equal(inverted[inside][:, :3], 255 - upright[inside][:, :3])
    Image.fromarray(page.pixels(PIXELS)).save(artefacts / "colour.png")
    # a profile with red and blue exchanged, off and on by the menu (CO5); the key of all layers leaves it alone
    page.kernel(PROFILED)
    page.until(lambda: "ICC profile" in page.locator(".dw-layers").text_content(), what="the switch")
    exchanged = same(page, least_levels=40)
    page.locator(".dw-menu summary:has-text('Layers')").click()
    box = page.locator(".dw-layers input[name='icc profile']")
    box.click()
    page.until(lambda: "icc profile" in page.kernel("print(viewport.hidden)"), what="the profile off")
    plain = same(page, least_levels=40)
    assert np.abs(plain[..., [2, 1, 0]].astype(int) - exchanged[..., :3]).max() <= 2
    assert (plain[..., 0] != exchanged[..., 0]).any()
    page.screenshot(artefacts / "profile.png")
    page.kernel("viewport.zoom = 0.4")
    same(page, least_levels=40)
    page.kernel("viewport.zoom = 'fit'")
    box.click()
    page.until(lambda: page.kernel("print(viewport.hidden)").strip() == "()", what="the profile on")
    assert np.array_equal(same(page, least_levels=40), exchanged)
    page.locator(".dw-surface").focus()
    page.tab.keyboard.press("o")
    assert page.kernel("print(viewport.hidden)").strip() == "()"


def test_32_bits_are_equal_and_their_window_follows(lab, page):
    """GP11."""
    opened(
        lab,
        page,
        "wide",
        "viewport = dw.Viewport(session, load(grey(wide, WindowCenter='7e7', WindowWidth='1.4e8')), height='400px')",
    )
    for zoom in ZOOMS:
        page.kernel(f"viewport.zoom = {zoom}")
        same(page, least_levels=65)
    page.kernel("viewport.window = (60e6, 1e6, 'LINEAR_EXACT')")
    same(page)


def test_a_lut_is_chosen_like_a_window(lab, page):
    """GP5, GP7."""
    code = (
        "tables = [lut(np.linspace(0, 255, 3000), 8, 'STRAIGHT'), lut((np.arange(3000) * 7) % 1024, 10, 'STEPS')]\n"
        "viewport = dw.Viewport(session, load(grey(unsigned, VOILUTSequence=tables)), height='400px')"
    )
    opened(lab, page, "luts", code)
    first = same(page, least_levels=65)
    page.kernel("viewport.window = 'steps'")
    assert not np.array_equal(same(page, least_levels=65), first)
    page.locator(".dw-bar select", 0).select_option(label="STRAIGHT (LUT)")
    page.until(lambda: "STRAIGHT" in page.kernel("print(viewport.window)"), what="the LUT that was chosen in the page")
    same(page, least_levels=65)


COVERED = """
def covered():
    ds = grey(unsigned)
    ds.ShutterShape, ds.ShutterPresentationValue = ['CIRCULAR', 'RECTANGULAR'], 0x4040
    ds.CenterOfCircularShutter, ds.RadiusOfCircularShutter = [100, 130], 95
    ds.ShutterLeftVerticalEdge, ds.ShutterRightVerticalEdge = 50, 240
    ds.ShutterUpperHorizontalEdge, ds.ShutterLowerHorizontalEdge = 20, 185
    bits = np.zeros((200, 260), np.uint8)
    bits[40, 30:230] = bits[30:170, 77] = bits[120:130, 150:160] = 1
    for element, vr, found in ((0x10, 'US', 200), (0x11, 'US', 260), (0x40, 'CS', 'G'), (0x50, 'SS', [1, 1])):
        ds.add_new((0x6000, element), vr, found)
    ds.add_new((0x6000, 0x3000), 'OW', np.packbits(bits, bitorder='little').tobytes())
    ds.add_new((0x6000, 0x1500), 'LO', 'SCALE <b>')
    return ds
viewport = dw.Viewport(session, load(covered()), height='400px')
"""


def test_shutters_and_overlays_are_equal_and_can_be_switched(lab, page, artefacts):
    """OV4, SH1, SH3: thin lines too where the image is reduced, turned and moved."""
    opened(lab, page, "covered", COVERED)
    for change in ("zoom = 'fit'", "zoom = 0.37", "turns = 3", "flip = True", "pan = (30.5, -20)", "zoom = 1.3"):
        page.kernel(f"viewport.{change}")
        same(page, least_levels=20)
    page.kernel("viewport.zoom, viewport.pan, viewport.turns, viewport.flip = 'fit', (0, 0), 0, False")
    everything = same(page)
    page.screenshot(artefacts / "covered.png")
    page.locator(".dw-menu summary:has-text('Layers')").click()
    page.locator(".dw-layers label").click()
    page.until(lambda: "shutter" in page.kernel("print(viewport.hidden)"), what="the shutter taken away")
    bare = same(page)
    assert (bare != everything).any(axis=2).mean() > 0.05
    page.screenshot(artefacts / "covered-menu.png")
    page.kernel("viewport.hidden = ('shutter', 'overlay 6000')")
    assert not np.array_equal(same(page), bare)


def test_a_displayed_area_is_equal(lab, page, artefacts):
    """PS9, PS19: columns 100 to 219, rows 50 to 149, turned by a quarter; a dashed line and a styled text on it."""
    code = """
ds = grey(unsigned)
(s,) = datasets_of(unsigned)
for keyword in ('Rows', 'Columns', 'PixelData', 'RescaleSlope', 'RescaleIntercept', 'WindowCenter', 'WindowWidth'):
    delattr(s, keyword)
s.SOPClassUID, s.SOPInstanceUID, s.Modality = '1.2.840.10008.5.1.4.1.1.11.1', generate_uid(), 'PR'
s.StudyInstanceUID, s.ImageRotation, s.PresentationLUTShape = ds.StudyInstanceUID, 90, 'INVERSE'
image, refers, area = Dataset(), Dataset(), Dataset()
image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
refers.SeriesInstanceUID, refers.ReferencedImageSequence = ds.SeriesInstanceUID, [image]
s.ReferencedSeriesSequence = [refers]
area.DisplayedAreaTopLeftHandCorner, area.DisplayedAreaBottomRightHandCorner = [100, 149], [219, 50]
area.PresentationSizeMode, area.PresentationPixelAspectRatio = 'SCALE TO FIT', [1, 1]
s.DisplayedAreaSelectionSequence = [area]
style, red, line, words, look, notes = (Dataset() for _ in range(6))
green = [57490, 10704, 54005]
style.PatternOnColorCIELabValue, style.PatternOnOpacity, style.ShadowStyle = [34885, 53485, 50171], 1.0, 'OFF'
style.LineThickness, style.LineDashingStyle, style.LinePattern = 6.0, 'DASHED', 0xFFFF0000
line.GraphicAnnotationUnits, line.GraphicDimensions, line.NumberOfGraphicPoints = 'PIXEL', 2, 2
line.GraphicData, line.GraphicType, line.GraphicFilled = [110.0, 60.0, 200.0, 60.0], 'POLYLINE', 'N'
line.LineStyleSequence = [style]
look.Bold = look.Italic = look.Underlined = 'Y'
look.ShadowStyle, look.TextColorCIELabValue, look.VerticalAlignment = 'OUTLINED', [65535, 32896, 32896], 'CENTER'
look.ShadowOffsetX, look.ShadowOffsetY, look.ShadowOpacity, look.ShadowColorCIELabValue = 2.0, 0.0, 1.0, green
fill, disc = Dataset(), Dataset()
fill.PatternOnColorCIELabValue, fill.PatternOnOpacity, fill.FillMode = green, 1.0, 'STIPPELED'
fill.FillPattern = bytes([240]) + bytes(127)
disc.GraphicAnnotationUnits, disc.GraphicDimensions, disc.NumberOfGraphicPoints = 'PIXEL', 2, 2
disc.GraphicData, disc.GraphicType, disc.GraphicFilled = [180.0, 80.0, 180.0, 95.0], 'CIRCLE', 'Y'
disc.FillStyleSequence, disc.GraphicGroupID, group = [fill], 1, Dataset()
group.GraphicGroupID, group.GraphicGroupLabel, s.GraphicGroupSequence = 1, 'Disc', [group]
words.UnformattedTextValue, words.TextStyleSequence, words.BoundingBoxAnnotationUnits = 'styled', [look], 'PIXEL'
words.BoundingBoxTopLeftHandCorner, words.BoundingBoxBottomRightHandCorner = [120.0, 90.0], [200.0, 130.0]
notes.GraphicLayer, notes.GraphicObjectSequence, notes.TextObjectSequence = 'ONE', [line, disc], [words]
s.GraphicAnnotationSequence = [notes]
session.load(s)
viewport = dw.Viewport(session, load(ds), height='400px')
"""
    opened(lab, page, "area", code)
    first = same(page)
    assert page.kernel("print(viewport.picture().home.area)").strip() == "(99.0, 49.0, 219.0, 149.0)"
    page.locator(".dw-viewport").scroll_into_view_if_needed()
    page.screenshot(artefacts / "styles.png")
    drawn = page.pixels("canvas.dw-graphics")
    red = (drawn[..., 0] > 240) & (drawn[..., 1] < 20) & (drawn[..., 3] == 255)
    zoom = 400 / 120  # 120 columns of the area lie upright, as it is turned
    assert abs(red.sum(axis=1).max() - 6 * zoom) <= 2
    assert abs(red.any(axis=1).sum() - 90 * zoom / 2) <= 20  # one half of the line is drawn
    green = (drawn[..., 1] > 240) & (drawn[..., 0] < 20) & (drawn[..., 2] < 20) & (drawn[..., 3] == 255)
    page.kernel("viewport.hidden = ('group Disc',)")
    page.until(
        lambda: page.locator("canvas.dw-graphics").get_attribute("data-shapes") == "2", what="a group taken away"
    )
    bare = page.pixels("canvas.dw-graphics")
    green &= bare[..., 3] == 0
    # of 32 x 32 pixels the four first ones of the first row, in a disc of 15 pixels of the image
    down, across = np.nonzero(green)
    assert set(down % 32) == {0}
    assert set(across % 32) == {0, 1, 2, 3}
    assert abs(green.sum() - np.pi * (15 * zoom - 2) ** 2 / 256) < 12
    shadow = (bare[..., 1] > 240) & (bare[..., 0] < 20) & (bare[..., 2] < 20)
    assert shadow.sum() > 200
    page.kernel("viewport.hidden = ()")
    for change in ("turns = 1", "flip = True", "zoom = 0.8", "pan = (12, 5)"):
        page.kernel(f"viewport.{change}")
        assert not np.array_equal(same(page), first)


def test_a_scale_bar_is_as_long_as_it_says(lab, page, artefacts):
    """TX5, ME2, PS10: pixels of 0.5 mm, so two millimetres are four pixels of the image; none without a spacing."""
    code = (
        "ds = grey(unsigned, PixelSpacing=[0.5, 0.5], Modality='CT')\n"
        "ds.SOPClassUID = '1.2.840.10008.5.1.4.1.1.2'\n"
        "viewport = dw.Viewport(session, load(ds), height='400px')"
    )
    opened(lab, page, "scale", code)
    for zoom in (0.5, 1, 2.5):
        page.kernel(f"viewport.zoom = {zoom}")
        same(page)
        words = page.locator(".dw-scale").inner_text()
        length, unit = words.split()[:2]
        shown = float(length) * {"mm": 1, "cm": 10}[unit]
        width = float(page.locator(".dw-scale").evaluate("e => parseFloat(e.style.width)"))
        assert abs(width - shown / 0.5 * zoom) <= 1
        assert 30 <= width <= 121
    page.screenshot(artefacts / "scale.png")
    # true size: says that it needs the screen, which is matched by hand, remembered, and told by the notebook
    page.kernel("viewport.reset()")
    fitted = same(page)
    page.locator("button[data-does=true]").click()
    sheet, slider = page.locator(".dw-calibration"), page.locator(".dw-calibration input")
    page.until(lambda: sheet.is_visible() and "not calibrated" in page.locator(".dw-br").inner_text(), what="it asks")
    assert "not calibrated" in sheet.inner_text()
    assert np.array_equal(same(page), fitted)
    slider.fill("0.45")  # to the right the bar grows: 0.65 - 0.45 mm a pixel
    gauge = page.locator(".dw-gauge").evaluate("e => e.getBoundingClientRect().width")
    assert abs(gauge - 85.6 / 0.2) < 0.5
    zoom = "print(round(viewport.picture().true_size.zoom, 6))"
    page.until(lambda: page.kernel(zoom).strip() == "2.5", what="the kernel's zoom")
    page.screenshot(artefacts / "calibration.png")
    page.tab.keyboard.press("Escape")
    assert not sheet.is_visible()
    real = same(page)
    assert not np.array_equal(real, fitted)
    assert "True size" in page.locator(".dw-br").inner_text()
    bar = page.locator(".dw-scale")
    length, unit = bar.inner_text().split()[:2]
    width = float(bar.evaluate("e => parseFloat(e.style.width)"))
    assert abs(width * 0.2 - float(length) * {"mm": 1, "cm": 10}[unit]) <= 0.2  # a ruler on the screen says the same
    page.reload()
    assert np.array_equal(same(page), real)  # the browser remembers it
    page.kernel("exec(viewport.code().replace('picture.rgba', 'again = picture.rgba'))")
    page.kernel("np.save('again.npy', again); dw.options.pixel_pitch = 0.5; viewport.pan = (3, 0)")
    assert np.array_equal(np.load(lab.folder / "again.npy"), real)
    page.until(lambda: page.kernel(zoom).strip() == "1.0", what="the option")
    assert not np.array_equal(same(page), real)
    page.kernel("dw.options.pixel_pitch = None; viewport.show(load(grey(unsigned)))")
    page.until(lambda: not page.locator(".dw-scale").is_visible(), what="no scale without a spacing")
    page.locator("button[data-does=true]").click()
    page.until(lambda: "not known" in page.locator(".dw-note").inner_text(), what="no true size either, and why")
