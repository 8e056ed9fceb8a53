"""Names in the eleven character sets of the Conformance Statement, as a real page shows them beside the images."""

from __future__ import annotations

import numpy as np

from dicom_widgets.dicom.conformance import CHARACTER_SETS
from tests import samples
from tests.browser.comparison import PIXELS

NAMES = {
    # term -> Specific Character Set, name, how it is read
    "ISO_IR 100": ("ISO_IR 100", "Äneas^Rüdiger", "Äneas, Rüdiger"),
    "ISO_IR 101": ("ISO_IR 101", "Wałęsa^Łukasz", "Wałęsa, Łukasz"),
    "ISO_IR 109": ("ISO_IR 109", "Ĉapelo^Ĝoja", "Ĉapelo, Ĝoja"),
    "ISO_IR 110": ("ISO_IR 110", "Bērziņš^Jānis", "Bērziņš, Jānis"),
    "ISO_IR 144": ("ISO_IR 144", "Люксембург^Иван", "Люксембург, Иван"),
    "ISO_IR 127": ("ISO_IR 127", "قباني^لنزار", "قباني, لنزار"),
    "ISO_IR 126": ("ISO_IR 126", "Διονύσιος^Ελένη", "Διονύσιος, Ελένη"),
    "ISO_IR 138": ("ISO_IR 138", "שרון^דבורה", "שרון, דבורה"),
    "ISO 2022 IR 13": (
        ["ISO 2022 IR 13", "ISO 2022 IR 87"],
        "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
        "ﾔﾏﾀﾞ, ﾀﾛｳ (山田 太郎, やまだ たろう)",
    ),
    "ISO 2022 IR 87": (
        ["", "ISO 2022 IR 87"],
        "Yamada^Tarou=山田^太郎=やまだ^たろう",
        "Yamada, Tarou (山田 太郎, やまだ たろう)",
    ),
    "ISO 2022 IR 149": (
        ["", "ISO 2022 IR 149"],
        "Hong^Gildong=洪^吉洞=홍^길동",
        "Hong, Gildong (洪 吉洞, 홍 길동)",
    ),
}
GLYPHS = """([words, family]) => {
    const canvas = Object.assign(document.createElement("canvas"), {width: 40, height: 40});
    const pen = canvas.getContext("2d", {willReadFrequently: true});
    const drawn = character => {
        pen.clearRect(0, 0, 40, 40);
        pen.font = `24px ${family}`;
        pen.fillText(character, 5, 30);
        return pen.getImageData(0, 0, 40, 40).data.join();
    };
    const missing = ["\\u{10FFFD}", "\\uE0FF"].map(drawn);
    return [...words].filter(c => c !== " " && missing.includes(drawn(c)));
}"""
"""The characters that a font of the page does not have."""


def test_the_names_of_all_character_sets_stand_on_the_images(lab, open_page, artefacts):
    assert set(NAMES) == set(CHARACTER_SETS)
    folder = lab.folder / "names"
    folder.mkdir()
    for i, (term, (written, name, _)) in enumerate(NAMES.items()):
        ds = samples.image(
            np.zeros((4, 16), np.uint8),
            samples.SC,
            SpecificCharacterSet=written,
            PatientName=name,
            PatientID=str(i),
            StudyInstanceUID=f"2.25.{i + 1}",
            SeriesInstanceUID=f"2.25.{i + 1}.1",
            StudyDescription=term,
            InstitutionName=name.split("=")[-1].replace("^", " "),
        )
        (folder / f"{i:02}.dcm").write_bytes(samples.part10(ds))
    lab.write(
        "names.ipynb",
        "import pathlib, ipywidgets, dicom_widgets as dw\nsession = dw.Session(listen_port=0)\n"
        "paths = sorted(pathlib.Path('names').glob('*.dcm'))\n"
        "series = [session.load(path)[0].children[0] for path in paths]",
        "ipywidgets.GridBox([dw.Viewport(session, s, height='150px', width='600px') for s in series],"
        " layout={'grid_template_columns': 'repeat(2, 610px)'})",
    )
    page = open_page(width=1700, height=1500)
    page.open("names.ipynb")
    page.run_all()
    for i, (term, (_, name, shown)) in enumerate(NAMES.items()):
        page.until(lambda i=i: page.locator(PIXELS, i).get_attribute("data-index") is not None, what=term)
        corner = page.locator(".dw-corner.dw-tl", i)
        assert corner.locator(".dw-lines div").first.inner_text() == shown
        assert page.locator(".dw-corner.dw-tr", i).locator(".dw-lines div").all_inner_texts()[:2] == [
            name.split("=")[-1].replace("^", " "),
            term,
        ]
        family = corner.evaluate("element => getComputedStyle(element).fontFamily")
        assert page.tab.evaluate(GLYPHS, [shown, family]) == []
    assert page.tab.evaluate(GLYPHS, ["A\U0010fffc", "sans-serif"]) == ["\U0010fffc"]
    page.screenshot(artefacts / "charsets.png")
