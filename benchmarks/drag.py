"""Window drag in JupyterLab: from the pointer event to the changed pixel, beside what sends pixels.

The image has a flat patch in the middle, and a drag downwards makes it darker by 2.55 grey levels a move: so its
grey says which move the page shows. Pointer events are Chromium's own (Playwright moves the mouse); their age counts
from `event.timeStamp`, and the patch is read right after each animation frame. It is measured with the kernel at rest,
with a cell that loops, and over a slow link.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.page import DISTS, page
from benchmarks.report import Row, table
from benchmarks.samples import PATCH, WIDTH

if TYPE_CHECKING:
    from tests.browser.lab import Page

SIZES = 512, 1024
ROUNDS, FEW, MOVES, STEP = 5, 3, 80, 3  # drags, the same where each takes long; moves in each, CSS pixels a move
RATE = 60  # moves a second
LOOP = 8  # seconds that the kernel is busy in each drag
GOAL = 25.0  # 1.5 animation frames
START = PATCH - 0.4 * WIDTH
"""Window centre at which the patch is bright."""

SETUP = f"""
import dicom_widgets as dw
from benchmarks.peers import Figure, Framebuffer, Plain
from benchmarks.samples import slices
session = dw.Session(listen_port=0)
series = session.load(slices(1, size, center={START}))
viewport = dw.Viewport(session, series, width=f"{{size}}px", height=f"{{size}}px")
jpeg, png = Framebuffer({START}, size), Framebuffer({START}, size, quality=100)
figure = Figure({START}, size)
rgb, grey = Plain({START}, size, rgb=True), Plain({START}, size, rgb=False)
"""
WAYS = {  # name -> the variable, the cell that shows it, the element that has its pixels
    "dicom_widgets": ("viewport", "viewport", "canvas.dw-pixels"),
    "jupyter_rfb, JPEG (its default)": ("jpeg", "jpeg", ".renderview-wrapper img >> nth=0"),
    "jupyter_rfb, PNG": ("png", "png", ".renderview-wrapper img >> nth=1"),
    "ipympl imshow": ("figure", "figure.canvas", ".jupyter-matplotlib-canvas-div canvas >> nth=0"),
    "ipycanvas put_image_data, RGB (JPEG)": ("rgb", "rgb.canvas", "canvas.lm-Widget >> nth=0"),
    "ipycanvas put_image_data, grey (PNG)": ("grey", "grey.canvas", "canvas.lm-Widget >> nth=1"),
}
OURS, *_ = WAYS

WATCH = """(element) => {
    const own = document.createElement("canvas"), g = own.getContext("2d", { willReadFrequently: true });
    const { port1, port2 } = new MessageChannel(), state = { moves: [], seen: [], on: true, wire: { ...window.wire } };
    own.width = own.height = 1;
    port1.onmessage = () => {
        if (element.complete === false) return;
        const x = (element.naturalWidth ?? element.width) / 2, y = (element.naturalHeight ?? element.height) / 2;
        g.drawImage(element, x, y, 1, 1, 0, 0, 1, 1);
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
LEVEL = "() => window.watched.seen.at(-1)?.[1] ?? -99"
END = """() => {
    const s = window.watched, { received, sent } = window.wire;
    s.end();
    return [s.moves, s.seen, received + sent - s.wire.received - s.wire.sent];
}"""
BUSY = """(seconds) => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    const code = `import time\\nend = time.monotonic() + ${seconds}\\nwhile time.monotonic() < end: pass`;
    window.looping = true;
    void kernel.requestExecute({ code, store_history: false }, true).done.then(() => { window.looping = false; });
}"""
LOOPING = "() => window.looping"
COUNT = "() => { window.watched.wire = { ...window.wire }; }"


@dataclass
class Measured:
    """What the drags of one way gave."""

    lags: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    """Pictures a second."""
    nbytes: list[float] = field(default_factory=list)
    """Bytes over the websocket for each picture."""
    late: int = 0
    """Drags whose end was not shown before the loop ended."""

    def row(self, name: str, goal: float | None) -> Row:
        if not self.lags:
            return Row(name, [], more="shows nothing of the drag before the kernel's loop ends")
        words = f"{statistics.median(self.rates):.0f} pictures/s, {statistics.median(self.nbytes) / 1e3:.1f} KB/picture"
        return Row(name, self.lags, goal, words + (f", {self.late} drags not answered" if self.late else ""))


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


def drag(here: Page, name: str, into: Measured, *, busy: bool) -> None:
    """Drag once, and note the lag of each move and the pictures a second."""
    variable, _, selector = WAYS[name]
    element = here.tab.locator(selector)
    element.scroll_into_view_if_needed()  # jupyter_rfb draws for views that are seen only
    here.kernel(f"{variable}.reset()")
    element.evaluate(WATCH)
    here.until(lambda: abs(here.tab.evaluate(LEVEL) - level(0)) < 3, seconds=60, what=f"the picture of {name}")
    here.tab.wait_for_timeout(700)  # at rest: jupyter_rfb sends its lossless frame
    box = element.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 4, round(box["y"]) + 60
    here.tab.mouse.move(x, y)
    if busy:
        here.tab.evaluate(BUSY, LOOP)
        here.tab.wait_for_timeout(500)
    here.tab.evaluate(COUNT)
    here.tab.mouse.down()
    hand(here.tab, [(x, y + STEP * i) for i in range(1, MOVES + 1)])
    end, reached = level(STEP * MOVES), False

    def over() -> bool:
        nonlocal reached
        reached = abs(here.tab.evaluate(LEVEL) - end) < 2
        return reached or (busy and not here.tab.evaluate(LOOPING))

    here.until(over, seconds=120, what=f"the end of the drag of {name}")
    here.tab.mouse.up()
    moves, seen, nbytes = here.tab.evaluate(END)
    here.until(lambda: not busy or not here.tab.evaluate(LOOPING), seconds=LOOP + 5, what="the end of the loop")
    if not reached:
        into.late += 1
        return
    moves, seen = np.array(moves), np.array(seen)
    shown = np.abs(seen[:, 1, None] - level(moves[:, 1] - y)).argmin(axis=1)
    after = seen[:, 0] > moves[0, 0]
    first = [seen[after & (shown >= k), 0][0] for k in range(len(moves))]
    into.lags += [float(t - moved) for t, moved in zip(first, moves[:, 0], strict=True)]
    into.rates.append(float(len(set(first)) / (first[-1] - moves[0, 0]) * 1e3))
    into.nbytes.append(nbytes / len(set(first)))


def measure(here: Page, title: str, rounds: int, ways: list[str], *, busy: bool = False) -> None:
    """Drag in all ways in turn, and print what it gave."""
    found = {name: Measured() for name in ways}
    for i in range(-1, rounds):
        for name, measured in found.items():
            drag(here, name, measured if i >= 0 else Measured(), busy=busy)  # the first round warms up
    rows = [measured.row(name, GOAL if name == OURS else None) for name, measured in found.items()]
    title = f"{title}: pointer event to changed pixel, {rounds} drags of {MOVES} moves, {RATE} moves/s"
    table(title, rows, ("jupyter_rfb", "simplejpeg", "ipympl", "matplotlib", "ipycanvas", "orjson", "pillow", *DISTS))


def main() -> None:
    ways = [name for name in WAYS if "PNG" not in name]
    for size in SIZES:
        cells = [f"size = {size}" + SETUP, *(cell for _, cell, _ in WAYS.values())]
        with page("drag", *cells) as here:
            measure(here, f"Window drag, {size} x {size}", ROUNDS, list(WAYS))
            measure(here, f"Window drag, {size} x {size}, a cell loops", FEW, ways, busy=True)
        with page("slow", *cells, slow=True) as here:
            measure(here, f"Window drag, {size} x {size}, 100 ms and 10 Mbit/s", FEW, ways)
