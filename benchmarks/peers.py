"""The window drag on jupyter_rfb and on plain ipycanvas, in the kernel: the same table look-up, sent as pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
from ipycanvas import Canvas
from jupyter_rfb import RemoteFrameBuffer

from benchmarks.samples import WIDTH, stored

SIZE = 512


class Hand:
    """A drag that moves the window's centre, as the viewport does: a width for 300 CSS pixels."""

    def __init__(self, center: float) -> None:
        self.pattern = stored(SIZE).view(np.uint16)
        self.values = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.float64)
        self.center, self.start, self.dy = center, None, 0.0

    def grey(self) -> np.ndarray:
        low = self.center + self.dy * WIDTH / 300 - WIDTH / 2
        table = np.clip((self.values - low) / (WIDTH - 1) * 255, 0, 255) + 0.5
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

    def __init__(self, center: float, **kwargs: Any) -> None:
        self.hand = Hand(center)
        super().__init__(css_width=f"{SIZE}px", css_height=f"{SIZE}px", resizable=False, **kwargs)

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


class Plain:
    """ipycanvas: `put_image_data` on each move; (H, W) is sent as PNG, (H, W, 3) as JPEG."""

    def __init__(self, center: float, *, rgb: bool) -> None:
        self.hand, self.rgb = Hand(center), rgb
        self.canvas = Canvas(width=SIZE, height=SIZE)
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
