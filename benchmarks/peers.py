"""The window drag on jupyter_rfb, ipympl and plain ipycanvas: in the kernel, which sends pixels."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import matplotlib.style
import numpy as np
from ipycanvas import Canvas
from jupyter_rfb import RemoteFrameBuffer

from benchmarks.samples import WIDTH, stored


class Hand:
    """A drag that moves the window's centre, as the viewport does: a width for 300 CSS pixels."""

    def __init__(self, center: float, size: int) -> None:
        self.pattern = stored(size).view(np.uint16)
        self.values = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.float64)
        self.center, self.start, self.dy = center, None, 0.0

    def low(self) -> float:
        return self.center + self.dy * WIDTH / 300 - WIDTH / 2

    def grey(self) -> np.ndarray:
        table = np.clip((self.values - self.low()) / (WIDTH - 1) * 255, 0, 255) + 0.5
        return np.take(table.astype(np.uint8), self.pattern)

    def down(self, y: float) -> None:
        self.start = y

    def up(self) -> None:
        self.start = None

    def move(self, y: float) -> bool:
        if self.start is None:
            return False
        self.dy = y - self.start
        return True


class Framebuffer(RemoteFrameBuffer):
    """jupyter_rfb as its guide has it: the events ask for a draw, and frames are taken when the page is ready."""

    def __init__(self, center: float, size: int, **kwargs: Any) -> None:
        self.hand = Hand(center, size)
        super().__init__(css_width=f"{size}px", css_height=f"{size}px", resizable=False, **kwargs)

    def handle_event(self, event: dict[str, Any]) -> None:
        if event["event_type"] == "pointer_down":
            self.hand.down(event["y"])
        elif event["event_type"] == "pointer_up":
            self.hand.up()
        elif event["event_type"] == "pointer_move" and self.hand.move(event["y"]):
            self.request_draw()

    def get_frame(self) -> np.ndarray:
        return self.hand.grey()

    def reset(self) -> None:
        self.hand.dy = 0.0
        self.request_draw()


class Figure:
    """ipympl: an `imshow` at one pixel for each value, whose limits follow the hand; it draws when it is idle."""

    def __init__(self, center: float, size: int) -> None:
        self.hand, self.size = Hand(center, size), size
        mpl.use("module://ipympl.backend_nbagg")
        matplotlib.style.use("fast")  # matplotlib's guide to speed
        with plt.ioff():
            self.figure = plt.figure(figsize=(size / 100, size / 100), dpi=100)
        self.canvas = self.figure.canvas
        self.canvas.toolbar_visible = self.canvas.header_visible = self.canvas.footer_visible = False
        self.canvas.resizable = False
        axes = self.figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        self.image = axes.imshow(stored(size), cmap="gray", interpolation="nearest")
        self.draw()
        self.canvas.mpl_connect("button_press_event", lambda e: self.hand.down(size - e.y))
        self.canvas.mpl_connect("button_release_event", lambda _: self.hand.up())
        self.canvas.mpl_connect("motion_notify_event", lambda e: self.hand.move(size - e.y) and self.draw())

    def draw(self) -> None:
        low = self.hand.low()
        self.image.set_clim(low, low + WIDTH - 1)
        self.canvas.draw_idle()

    def reset(self) -> None:
        self.hand.dy = 0.0
        self.draw()


class Plain:
    """ipycanvas: `put_image_data` on each move; (H, W) is sent as PNG, (H, W, 3) as JPEG."""

    def __init__(self, center: float, size: int, *, rgb: bool) -> None:
        self.hand, self.rgb = Hand(center, size), rgb
        self.canvas = Canvas(width=size, height=size)
        self.canvas.on_mouse_down(lambda _x, y: self.hand.down(y))
        self.canvas.on_mouse_up(lambda _x, _y: self.hand.up())
        self.canvas.on_mouse_move(lambda _x, y: self.hand.move(y) and self.draw())
        self.canvas.on_client_ready(self.draw)

    def draw(self) -> None:
        grey = self.hand.grey()
        self.canvas.put_image_data(np.repeat(grey[..., None], 3, axis=2) if self.rgb else grey)

    def reset(self) -> None:
        self.hand.dy = 0.0
        self.draw()
