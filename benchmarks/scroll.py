"""Scrolling through 500 slices of 512 x 512 in JupyterLab: lag, slices a second, and the memory of page and kernel.

An arrow key is pressed 30 times a second, as one that is held down, or 60 times, and nothing is waited for. A slice
counts as shown in the animation frame after which the viewport has painted it, whole and under its own number; slices
that the hand has passed count. Over a slow link previews count too, and the time from the last key to the whole slice
is told.

The page is watched without animation frames of our own: while one is pending, Chromium holds back after a key press
what comes over the net until that frame, which made scrolling up to ten times slower than it is.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.page import DISTS, page
from benchmarks.report import Row, table

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession

    from tests.browser.lab import Page

SLICES, SIZE = 500, 512
HELD, FAST = 30, 60
"""Key presses a second: what a key that is held down gives, and one for each animation frame."""
BUDGETS = 256 << 20, 64 << 20
"""Bytes of frames that the page holds: the default, and one that the series does not fit into."""

SETUP = f"""
import dicom_widgets as dw
from benchmarks.samples import slices
session = dw.Session(listen_port=0)
series = session.load(slices({SLICES}, {SIZE}))[0].children[0]
viewport = dw.Viewport(session, series, index=0, width="{SIZE}px", height="{SIZE}px")
viewport.runtime.budget = budget
"""
RSS = "print(next(int(l.split()[1]) for l in open('/proc/self/status') if l.startswith('VmRSS')))"
PAGE = "() => globalThis[Symbol.for('dicom_widgets@1')]."
WATCH = """(canvas) => {
    const state = { keys: [], seen: [] }, { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
        const { index, preview } = canvas.dataset, [, last, whole] = state.seen.at(-1) ?? [];
        if (last === +index && whole === (preview === undefined)) return;
        state.seen.push([performance.now(), +index, preview === undefined]);
    };
    const painted = new MutationObserver(() => port2.postMessage(0));
    painted.observe(canvas, { attributeFilter: ["data-index", "data-preview", "data-seq"] });
    const note = (e) => state.keys.push(e.timeStamp);
    addEventListener("keydown", note, true);
    state.end = () => { painted.disconnect(); removeEventListener("keydown", note, true); };
    window.watched = state;
}"""
END = "() => { window.watched.end(); return [window.watched.keys, window.watched.seen]; }"


def press(tab: Any, key: str, times: int, rate: int) -> None:
    """Press a key so often a second, and wait for no answer."""
    keyboard = tab._impl_obj.keyboard

    async def go() -> None:
        start, tasks = time.perf_counter(), []
        for i in range(1, times + 1):
            await asyncio.sleep(start + i / rate - time.perf_counter())
            tasks.append(asyncio.ensure_future(keyboard.press(key, delay=0)))
        await asyncio.gather(*tasks)

    tab._sync(go())


def scroll(here: Page, key: str, to: int, rate: int, *, previews: bool = False) -> tuple[list[float], float, float]:
    """Scroll through all slices.

    Returns the lag of each key press in ms, slices a second, and the ms from the last key to the last slice. Slices
    count once they are whole, or with `previews` once a preview of them is shown.
    """
    canvas = here.locator("canvas.dw-pixels")
    canvas.evaluate(WATCH)
    here.locator(".dw-surface").focus()
    press(here.tab, key, SLICES - 1, rate)
    shown = "() => window.watched.seen.at(-1)?.slice(1)"
    here.until(lambda: here.tab.evaluate(shown) == [to, True], seconds=60, what=f"slice {to}")
    keys, seen = here.tab.evaluate(END)
    counted = [(t, abs(i - (SLICES - 1 - to))) for t, i, whole in seen if whole or previews]
    times, steps = (np.array(column) for column in zip(*counted, strict=True))
    first = [times[steps >= k + 1][0] for k in range(len(keys))]
    lags = [float(t - k) for t, k in zip(first, keys, strict=True)]
    return lags, len(set(steps)) / (first[-1] - keys[0]) * 1e3, seen[-1][0] - keys[-1]


def heap(cdp: CDPSession) -> float:
    """Return the megabytes of the page's JavaScript with its array buffers, after a collection of garbage."""
    cdp.send("HeapProfiler.collectGarbage")
    used = cdp.send("Runtime.getHeapUsage")
    return float(used["usedSize"] + used["backingStorageSize"]) / 1e6


def main() -> None:
    for budget, rate in ((BUDGETS[0], HELD), (BUDGETS[0], FAST), (BUDGETS[1], FAST)):
        rows, held = [], []
        with page("scroll", f"budget = {budget}" + SETUP, "viewport") as here:
            cdp = here.context.new_cdp_session(here.tab)
            here.until(lambda: here.tab.evaluate(PAGE + "pictures.size") > 20, what="frames")
            before, kernel = heap(cdp), int(here.kernel(RSS))
            for key, to in (("ArrowDown", SLICES - 1), ("ArrowUp", 0), ("ArrowDown", SLICES - 1)):
                lags, shown, _ = scroll(here, key, to, rate)
                held.append(here.tab.evaluate(PAGE + "bytes"))
                words = f"{shown:.0f} slices/s, page holds {held[-1] / 1e6:.0f} MB of {budget / 1e6:.0f}"
                rows.append(Row(("down", "up again", "down again")[len(rows)], lags, more=words))
            page_, kernel_ = heap(cdp) - before, (int(here.kernel(RSS)) - kernel) / 1e3
        table(f"Scrolling {SLICES} slices of {SIZE} x {SIZE}, {rate} key presses/s: key to slice", rows, DISTS)
        kept = "kept" if max(held) <= budget else "EXCEEDED"
        print(f"  memory beyond that at the start: page {page_:.0f} MB, kernel {kernel_:.0f} MB; budget {kept}")
    for rate in HELD, FAST:
        with page("slow", f"budget = {BUDGETS[0]}" + SETUP, "viewport", slow=True) as here:
            here.until(lambda: here.tab.evaluate(PAGE + "pictures.size") > 20, seconds=60, what="a measured link")
            lags, shown, rest = scroll(here, "ArrowDown", SLICES - 1, rate, previews=True)
            rows = [Row("down", lags, more=f"{shown:.0f} slices/s; whole {rest:.0f} ms after the last key")]
            table(f"{rate} key presses/s over a link of 100 ms and 10 Mbit/s, previews count", rows, DISTS)
