"""The notebook's own drawing, and a viewport that the kernel draws, without a page."""

from __future__ import annotations

import io
import json
import time

import ipycanvas
import numpy as np
import pytest
from ipycanvas.canvas import _CANVAS_MANAGER, COMMANDS
from PIL import Image

import dicom_widgets as dw
from dicom_widgets.widgets.viewport.drawn.fallback import drag
from tests.unit.widgets.talk import Talk


@pytest.fixture
def viewport(session):
    return dw.view(np.stack([np.arange(2400, dtype=np.int16).reshape(40, 60) + 9 * i for i in range(5)]), session)


class Heard(list):
    """What ipycanvas sent to its pages: (commands, buffers) of each message."""

    def send(self, _metadata, buffers):
        commands = json.loads(bytes(buffers[0]))
        self.append((commands, buffers[1:]))

    def names(self, index=-1):
        known = {number: name for name, number in COMMANDS.items()}
        return [known[c[0]] for c in self[index][0]]

    def picture(self):
        """Return the last picture that was put, as grey or RGBA."""
        png = next(buffers[0] for _, buffers in reversed(self) if buffers)
        return np.asarray(Image.open(io.BytesIO(png)))


@pytest.fixture
def heard(monkeypatch):
    heard = Heard()
    monkeypatch.setattr(_CANVAS_MANAGER, "send", heard.send)
    return heard


def wait(true, seconds=10):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def test_a_drawing_is_one_message_that_names_its_canvas(viewport, heard):
    viewport.on_draw(lambda canvas: [canvas.stroke_rect(i, 1, 2, 3) for i in range(3)])
    assert len(heard) == 1
    assert heard.names() == ["switchCanvas", "clear", "switchCanvas", "clear", *["strokeRect"] * 3]
    assert heard[0][0][2][1] == [f"IPY_MODEL_{viewport.canvas.model_id}"]
    assert (viewport.canvas.height, viewport.canvas.width) == (512, 512)
    assert viewport.canvas is viewport.canvas


def test_it_is_drawn_again_for_pages_sizes_and_places(viewport, heard):
    seen = []
    viewport.on_draw(lambda canvas: seen.append((canvas.width, viewport.index, viewport.zoom)))
    page = Talk(viewport)
    page.tell("drawing")
    page.tell("size", size=[300, 400])
    viewport.index = 4
    viewport.window = (40, 400)
    viewport.zoom = 2
    assert seen == [(512, 2, "fit"), (512, 2, "fit"), (400, 2, "fit"), (400, 4, "fit"), (400, 4, 2.0)]


def test_points_of_the_image_are_found_on_the_canvas(viewport, heard):
    viewport.zoom, viewport.pan = 3, (10, -6)
    assert viewport.to_screen([[0, 0], [60, 40]]).tolist() == [[176, 190], [356, 310]]
    assert viewport.to_screen((30, 20)).tolist() == [266, 250]


def test_an_error_while_drawing_does_not_stop_ipycanvas(viewport, heard):
    def draw(canvas):
        with ipycanvas.hold_canvas():
            canvas.fill_rect(0, 0, 1, 1)
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        viewport.on_draw(draw)
    before = len(heard)
    ipycanvas.Canvas().fill_rect(0, 0, 1, 1)
    assert len(heard) > before
    viewport.draw()  # the function that failed is forgotten
    assert heard.names()[-1] == "clear"


def test_an_error_when_a_page_comes_is_said_in_the_view(viewport, heard):
    broken = []

    def draw(_canvas):
        if broken:
            raise RuntimeError("no data any more")

    viewport.on_draw(draw)
    broken.append(True)
    page = Talk(viewport)
    page.tell("drawing")
    page.until(lambda c: "no data any more" in c.get("note", ""))


# --- the way without the script


def test_the_fallback_puts_the_pixels_of_the_picture(viewport, heard):
    fallback = viewport.fallback((64, 80))
    assert viewport.fallback() is fallback
    wait(lambda: heard)
    assert np.array_equal(heard.picture(), viewport.picture().rgba((64, 80))[..., 0])
    assert heard.names() == ["switchCanvas", "clear", "switchCanvas", "clear", "putImageData"]
    viewport.add(np.eye(40, 60, dtype=bool), name="mask")
    wait(lambda: heard.picture().ndim == 3)
    assert np.array_equal(heard.picture(), viewport.picture().rgba((64, 80)))
    assert viewport.snapshot()[:4] == b"\x89PNG"
    assert repr(fallback) == "Fallback()"


def test_the_fallback_shows_measurements(viewport, heard):
    viewport.fallback((64, 80))
    wait(lambda: heard)
    viewport.measure("length", (5, 5), (50, 30))
    wait(lambda: heard.picture().ndim == 3)  # drawn in colour
    drawn = np.asarray(Image.open(io.BytesIO(viewport.snapshot(graphics=True))))
    assert np.array_equal(heard.picture()[..., :3], drawn)


def test_stale_events_are_dropped(viewport, heard):
    """A thousand moves of the hand are a few pictures, and the last one is that of the last move."""
    fallback = viewport.fallback((64, 64))
    wait(lambda: heard)
    start = viewport.picture().window
    fallback.canvas._handle_frontend_event(None, {"event": "mouse_down", "x": 10, "y": 10}, [])
    for i in range(1000):
        fallback.canvas._handle_frontend_event(None, {"event": "mouse_move", "x": 10 + i / 10, "y": 10 - i / 20}, [])
    fallback.canvas._handle_frontend_event(None, {"event": "mouse_up", "x": 110, "y": -40}, [])
    assert viewport.window == drag(start, 100, -50)
    wait(lambda: np.array_equal(heard.picture(), viewport.picture().rgba((64, 64))[..., 0]))
    assert len(heard) < 20
    for _ in range(300):
        fallback.canvas._handle_frontend_event(None, {"event": "mouse_wheel", "x": 0, "y": -53}, [])
    wait(lambda: viewport.index == 0)
    fallback.canvas._handle_frontend_event(None, {"event": "mouse_wheel", "x": 0, "y": 53}, [])
    wait(lambda: viewport.index == 1)
    wait(lambda: fallback._slider.value == 2)
    assert len(heard) < 30


def test_a_drag_has_the_gains_of_the_page():
    assert drag(dw.Window(40, 400), 30, -15) == dw.Window(20, 440)
    assert drag(dw.Window(40, 10), -500, 0) == dw.Window(40, 1)


def test_keys_and_the_slider(viewport, heard):
    fallback = viewport.fallback()
    for key in ("i", "h", "m", "]"):
        fallback._key(key, False, False, False)
    assert (viewport.invert, viewport.flip, viewport.interpolation, viewport.turns) == (True, True, "linear", 3)
    fallback._key("r", False, False, False)
    assert (viewport.invert, viewport.turns) == (False, 0)
    fallback._slider.value = 5
    assert viewport.index == 4
    fallback._key("PageUp", False, False, False)
    wait(lambda: viewport.index == 0)


def test_what_is_wrong_is_said_below(session, heard):
    viewport = dw.Viewport(session)
    fallback = viewport.fallback()
    wait(lambda: "nothing yet" in fallback._words.value)


def test_the_option_shows_viewports_without_the_script(viewport, session, heard, monkeypatch):
    scripted = viewport._repr_mimebundle_()[0]["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert scripted == viewport.model_id
    monkeypatch.setattr(dw.options, "script", False)
    plain = viewport._repr_mimebundle_()[0]["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert plain == viewport.fallback().model_id
    viewer = dw.Viewer(session, browser=False)
    viewer.show(viewport.instance)
    assert viewer.children == (viewer.viewport.fallback(),)


def test_closing_ends_the_thread(viewport, heard):
    fallback = viewport.fallback()
    viewport.close()
    assert not fallback._thread.is_alive()
