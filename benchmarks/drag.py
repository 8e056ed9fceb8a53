"""Window drag at 512 x 512 in JupyterLab: from the pointer event to the changed pixel, beside what sends pixels.

The image has a flat patch in the middle, and a drag downwards makes it darker by 2.55 grey levels a move: so its
grey says which move the page shows. Pointer events are Chromium's own (Playwright moves the mouse); their age counts
from `event.timeStamp`, and the patch is read right after each animation frame.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.page import DISTS, page
from benchmarks.report import Row, table
from benchmarks.samples import PATCH, WIDTH

if TYPE_CHECKING:
    from tests.browser.lab import Page

ROUNDS, MOVES, STEP = 5, 80, 3  # drags, moves in each, CSS pixels a move
RATE = 60  # moves a second
GOAL = 25.0  # 1.5 animation frames
START = PATCH - 0.4 * WIDTH
"""Window centre at which the patch is bright."""

SETUP = f"""
import dicom_widgets as dw
from benchmarks.peers import Framebuffer, Plain
from benchmarks.samples import slices
session = dw.Session(listen_port=0)
series = session.load(slices(1, center={START}))
viewport = dw.Viewport(session, series, width="512px", height="512px")
viewport.reset = lambda: setattr(viewport, "window", None)
jpeg, png = Framebuffer({START}), Framebuffer({START}, quality=100)
rgb, grey = Plain({START}, rgb=True), Plain({START}, rgb=False)
"""
WAYS = {  # name -> the cell that shows it, the element that has its pixels
    "dicom_widgets": ("viewport", "canvas.dw-pixels"),
    "jupyter_rfb, JPEG (its default)": ("jpeg", ".renderview-wrapper img >> nth=0"),
    "jupyter_rfb, PNG": ("png", ".renderview-wrapper img >> nth=1"),
    "ipycanvas put_image_data, RGB (JPEG)": ("rgb", ".jp-OutputArea canvas:not([class*=dw-]) >> nth=0"),
    "ipycanvas put_image_data, grey (PNG)": ("grey", ".jp-OutputArea canvas:not([class*=dw-]) >> nth=1"),
}

WATCH = """(element) => {
    const own = document.createElement("canvas"), g = own.getContext("2d", { willReadFrequently: true });
    const { port1, port2 } = new MessageChannel(), state = { moves: [], seen: [], on: true };
    own.width = own.height = 1;
    port1.onmessage = () => {
        if (element.complete === false) return;
        const n = element.naturalWidth ?? element.width;
        g.drawImage(element, n / 2, n / 2, 1, 1, 0, 0, 1, 1);
        const level = g.getImageData(0, 0, 1, 1).data[0];
        if (state.seen.at(-1)?.[1] !== level) state.seen.push([performance.now(), level]);
    };
    const frame = () => {
        port2.postMessage(0); // heard after this frame's callbacks and its painting
        if (state.on) requestAnimationFrame(frame);
    };
    frame();
    const note = (e) => {
        if (e.buttons) for (const c of e.getCoalescedEvents()) state.moves.push([c.timeStamp, c.clientY]);
    };
    addEventListener("pointermove", note, true);
    state.end = () => { state.on = false; removeEventListener("pointermove", note, true); };
    window.watched = state;
}"""
LEVEL = "() => window.watched.seen.at(-1)?.[1]"
END = "() => { const s = window.watched; s.end(); return [s.moves, s.seen]; }"


def level(dy: Any) -> Any:
    """Return the grey of the patch after a drag (or several) by so many CSS pixels."""
    return ((PATCH - START - dy * WIDTH / 300) / WIDTH + 0.5) * 255


def hand(tab: Any, points: list[tuple[float, float]]) -> None:
    """Move the mouse at `RATE`, and wait for no answer: a hand does not slow down where the page does."""
    mouse = tab._impl_obj.mouse

    async def move() -> None:
        start, tasks = time.perf_counter(), []
        for i, (x, y) in enumerate(points, 1):
            await asyncio.sleep(start + i / RATE - time.perf_counter())
            tasks.append(asyncio.ensure_future(mouse.move(x, y, steps=1)))
        await asyncio.gather(*tasks)

    tab._sync(move())


def drag(here: Page, name: str) -> tuple[list[float], float]:
    """Drag once; return the lag of each move in ms, and the pictures a second."""
    variable, selector = WAYS[name]
    element = here.tab.locator(selector)
    element.scroll_into_view_if_needed()  # jupyter_rfb draws for views that are seen only
    here.kernel(f"{variable}.reset()")
    element.evaluate(WATCH)
    here.until(lambda: abs(here.tab.evaluate(LEVEL) - level(0)) < 3, seconds=20, what=f"the picture of {name}")
    here.tab.wait_for_timeout(700)  # at rest: jupyter_rfb sends its lossless frame
    box = element.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 4, round(box["y"]) + 60
    here.tab.mouse.move(x, y)
    here.tab.mouse.down()
    hand(here.tab, [(x, y + STEP * i) for i in range(1, MOVES + 1)])
    end = level(STEP * MOVES)
    here.until(lambda: abs(here.tab.evaluate(LEVEL) - end) < 2, seconds=60, what=f"the end of the drag of {name}")
    here.tab.mouse.up()
    moves, seen = (np.array(x) for x in here.tab.evaluate(END))
    shown = np.abs(seen[:, 1, None] - level(moves[:, 1] - y)).argmin(axis=1)
    after = seen[:, 0] > moves[0, 0]
    first = [seen[after & (shown >= k), 0][0] for k in range(len(moves))]
    lag = [float(t - moved) for t, moved in zip(first, moves[:, 0], strict=True)]
    return lag, float(len(set(first)) / (first[-1] - moves[0, 0]) * 1e3)


def main() -> None:
    lags: dict[str, list[float]] = {name: [] for name in WAYS}
    rates: dict[str, list[float]] = {name: [] for name in WAYS}
    with page("drag", SETUP, *(f"{v}.canvas" if v in ("rgb", "grey") else v for v, _ in WAYS.values())) as here:
        for i in range(-1, ROUNDS):
            for name in WAYS:
                lag, rate = drag(here, name)
                if i >= 0:  # the first round warms up
                    lags[name] += lag
                    rates[name].append(rate)
    rows: list[Any] = [
        Row(name, ms, goal=None if n else GOAL, more=f"{statistics.median(rates[name]):.0f} pictures/s")
        for n, (name, ms) in enumerate(lags.items())
    ]
    title = f"Window drag, 512 x 512: pointer event to changed pixel, {ROUNDS} drags of {MOVES} moves, {RATE} moves/s"
    table(title, rows, ("jupyter_rfb", "simplejpeg", "ipycanvas", "orjson", "pillow", *DISTS))
