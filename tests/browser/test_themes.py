"""Themes, sizes and accessibility: text that can be read, targets that can be hit, popups inside of the view."""

from __future__ import annotations

from tests.browser.comparison import PIXELS, same
from tests.browser.layout import OUTSIDE

SETUP = """
import pathlib, tempfile
import dicom_widgets as dw
pacs = dw.PracticePacs()
session = dw.Session(listen_port=0)
session.retrieve(session.find(pacs.remote, PatientName='Phantom*').one(), progress=False)
folder = pathlib.Path(tempfile.mkdtemp())
(folder / 'disk').mkdir()
(folder / 'one.dcm').write_bytes(b'DICM')
viewer = dw.Viewer(session, pacs.remote, height='420px')
ct = next(s for s in session.studies[0].children if s.Modality == 'CT')
viewer.show(ct)
"""

ALONE = "viewport = dw.Viewport(session, ct, height='420px')\n"

FAINT = """(roots) => {
    // Texts with a contrast below 4.5:1 (WCAG 1.4.3) by computed styles; what is switched off is exempt.
    const parsed = c => {
        const n = c.match(/[\\d.]+/g).map(Number);
        return [...n.slice(0, 3).map(v => c.startsWith("color(srgb") ? 255 * v : v), n[3] ?? 1];
    };
    const over = (top, below) => top.slice(0, 3).map((v, i) => v * top[3] + below[i] * (1 - top[3]));
    const light = rgb => {
        const [r, g, b] = rgb.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = e => {
        if (!e) return [255, 255, 255];
        const own = parsed(getComputedStyle(e).backgroundColor);
        return own[3] === 1 ? own.slice(0, 3) : over(own, ground(e.parentElement));
    };
    const found = [];
    let seen = 0;
    for (const root of document.querySelectorAll(roots)) for (const e of [root, ...root.querySelectorAll("*")]) {
        const own = [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join("").trim();
        const words = e.matches("input, select") ? e.value || e.placeholder : own;
        if (!words || e.matches("[type=range], [type=checkbox]") || e.closest(":disabled")) continue;
        if (!e.checkVisibility() || !e.getClientRects().length || e.matches(".dw-live")) continue; // that is for ears
        const style = getComputedStyle(e), back = ground(e), front = over(parsed(style.color), back);
        let opacity = 1;
        for (let p = e; p && p !== root; p = p.parentElement) opacity *= +getComputedStyle(p).opacity;
        const [a, b] = [light(over([...front, opacity], back)), light(back)].sort((x, y) => y - x);
        seen++;
        const contrast = (a + 0.05) / (b + 0.05);
        if (contrast < 4.5) found.push([contrast.toFixed(2), e.tagName, e.className, words.slice(0, 30)]);
    }
    return [seen, found];
}"""

SMALL = """(roots) => [...document.querySelectorAll(roots)].flatMap(root =>
    // What is pressed and is smaller than 24 by 24 CSS pixels (WCAG 2.5.8); a box is pressed by its label too.
    [...root.querySelectorAll("button, select, input, summary, .dw-twist")]
        .map(e => e.matches("label [type=checkbox]") ? e.closest("label") : e)
        .filter(e => e.checkVisibility() && (e.textContent !== "" || e.matches("input, select")))
        .map(e => [e.getBoundingClientRect(), e]).filter(([r]) => r.width && (r.width < 24 || r.height < 24))
        .map(([r, e]) => [e.tagName, e.className, e.textContent.slice(0, 20), r.width, r.height]))"""

ROOTS = ".dw-viewport, .dw-browser, .dw-series, .dw-tags"


def wear(page, theme: str) -> None:
    page.tab.evaluate("t => window.jupyterapp.commands.execute('apputils:change-theme', {theme: t})", theme)
    page.until(
        lambda: page.tab.evaluate("() => document.body.dataset.jpThemeName") == theme, seconds=20, what=f"the {theme}"
    )


def within(page, inner: str, outer: str) -> bool:
    """Whether one element lies inside of another."""
    a, b = (page.tab.locator(s).first.bounding_box() for s in (inner, outer))
    return (
        a["x"] >= b["x"]
        and a["y"] >= b["y"]
        and a["x"] + a["width"] <= b["x"] + b["width"]
        and a["y"] + a["height"] <= b["y"] + b["height"]
    )


def test_every_theme_can_be_read_and_every_control_hit(lab, page, artefacts):
    """A contrast of 4.5:1 and targets of 24 pixels, in all parts, with a selected row, the help or a menu open."""
    lab.write("themes.ipynb", SETUP, "viewer", "dw.FilePicker(session, folder)", "dw.Doctor(session, pacs.remote)")
    page.open("themes.ipynb")
    page.run_all()
    same(page, "viewer.viewport")
    page.locator(".dw-query").click()
    rows = page.tab.locator(".dw-browser .dw-level-STUDY")
    page.until(lambda: rows.count() > 1, what="the studies")
    rows.first.click()
    page.locator("[data-does=tags]").click()
    page.until(lambda: page.tab.locator(".dw-tags tbody tr").count() > 5, what="the elements")
    page.tab.locator(".dw-tags tbody tr").first.click()
    page.tab.locator(".dw-files [role=option]").first.click()
    page.locator(".dw-surface").focus()
    page.tab.keyboard.press("i")
    assert page.locator(".dw-browser").get_attribute("aria-label") == "Studies"
    for theme in ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"):
        wear(page, theme)
        short = theme.removeprefix("JupyterLab ").replace(" ", "-").lower()
        for state in ("help", "plain"):
            if state == "help":
                page.locator(".dw-surface").focus()
                page.tab.keyboard.press("?")
                assert page.locator(".dw-help").is_visible()
            else:
                page.locator(".dw-more summary").click()
            seen, faint = page.tab.evaluate(FAINT, ROOTS)
            page.locator(".dw-browser").scroll_into_view_if_needed()
            page.screenshot(artefacts / f"theme-{short}-{state}.png")
            assert seen > 150
            assert faint == [], theme
            assert page.tab.evaluate(SMALL, ROOTS) == []
            page.tab.keyboard.press("Escape")
        page.locator(".dw-files").scroll_into_view_if_needed()
        page.screenshot(artefacts / f"theme-{short}-below.png")


def test_a_view_follows_its_cell_on_a_screen_of_one_and_a_half(lab, open_page, artefacts):
    """Sharp at a real ratio of 1.5, wider as the sidebar closes; at 700 pixels two rows of tools, at 390 three."""
    page = open_page(scale=1.5, real=True, width=1600, reduced_motion="reduce")
    setup = SETUP + ALONE + "viewport.playing = True"
    lab.write("sizes.ipynb", setup, "viewport")
    page.open("sizes.ipynb")
    page.run_all()
    # prefers-reduced-motion: what was playing as the page came stands still, and the kernel is told
    page.until(lambda: page.kernel("print(viewport.playing)").strip() == "False", what="that it stands still")
    assert page.tab.evaluate("() => window.devicePixelRatio") == 1.5
    narrow = same(page, "viewport")
    page.tab.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    page.until(lambda: page.pixels(PIXELS).shape[1] != narrow.shape[1], what="a wider picture")
    wide = same(page, "viewport")
    assert wide.shape[1] > narrow.shape[1]
    box = page.locator(PIXELS).bounding_box()
    assert abs(wide.shape[1] - box["width"] * 1.5) < 1
    assert wide.shape[0] == 630
    for width, rows in ((700, 2), (390, 3)):
        page.kernel(f"viewport.layout.width = '{width}px'")
        page.until(
            lambda width=width: abs(page.locator(".dw-viewport").bounding_box()["width"] - width) < 1, what="that width"
        )
        assert page.locator(".dw-bar").bounding_box()["height"] == 28 * rows + 4 * (rows - 1) + 8
        page.until(lambda: page.locator(".dw-more").is_visible(), what="what has no room")
        assert page.tab.evaluate(OUTSIDE) == []
        page.screenshot(artefacts / f"toolbar-{width}.png")
    # what has no room lies under "More", with its word and its key; the tool that is taken there stands in the bar
    more, levels = page.locator(".dw-more summary"), page.locator("[data-does=levels]")
    assert not levels.is_visible()
    more.press("Enter")
    page.until(lambda: within(page, ".dw-more > div", ".dw-viewport"), what="a menu inside of the view")
    page.screenshot(artefacts / "more.png")
    assert levels.inner_text().split() == ["Levels", "u"]
    more.press("Escape")
    page.until(lambda: not levels.is_visible(), what="a closed menu")
    more.press("Enter")
    levels.press("Enter")
    page.until(lambda: page.locator(".dw-group > [data-does=levels]").is_visible(), what="the tool in the bar")
    assert levels.get_attribute("aria-pressed") == "true"
    assert page.tab.evaluate(OUTSIDE) == []
    page.locator("[data-does=window]").click()
    assert page.locator("[data-does=window]").inner_text().strip() == "Window"
    assert page.locator("[data-does=pan]").inner_text().strip() == ""
    for menu in (".dw-exact", ".dw-layers"):
        page.locator(f"{menu} summary").click()
        page.until(lambda menu=menu: within(page, f"{menu} > div", ".dw-viewport"), what="a menu inside of the view")
        page.screenshot(artefacts / f"menu{menu}.png")
        page.locator(f"{menu} summary").click()
    same(page, "viewport")


def test_the_focus_is_seen_on_everything_that_can_have_it(lab, page):
    """Each stop of the Tab key in a viewport has a ring in a colour other than its own ground."""
    lab.write("focus.ipynb", SETUP + ALONE, "viewport")
    page.open("focus.ipynb")
    page.run_all()
    same(page, "viewport")
    page.locator("[data-does=window]").focus()
    ring = """() => {
        const e = document.activeElement;
        if (!e.closest(".dw-viewport")) return null;
        const own = getComputedStyle(e), after = getComputedStyle(e, "::after");
        const outline = own.outlineStyle === "solid" && own.outlineWidth === "2px";
        const drawn = after.borderTopWidth === "2px" || (outline && own.outlineColor !== own.backgroundColor);
        return [e.getAttribute("aria-label") ?? e.title ?? e.tagName, drawn];
    }"""
    stops = []
    while (found := page.tab.evaluate(ring)) and len(stops) < 60:
        stops.append(found)
        page.tab.keyboard.press("Tab")
    assert len(stops) > 15
    assert [name for name, drawn in stops if not drawn] == []
    assert page.locator(".dw-surface").get_attribute("role") == "application"
    assert stops[-1][0].startswith("CT")  # the picture is the last stop, and is left by Tab
