"""The state of one view, as the kernel holds it: a frozen value that is swapped under a short lock."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from dicom_widgets.display.pipeline.view_settings import ViewSettings, VoiLut, Window, Zoom

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Final = ("all", "minimal", "off")
"""How much is written on the image; what must be said of it stays (requirements TX1, TX3, TX4)."""


@dataclass(frozen=True)
class Surface:
    """Which frame is shown, and how the hand left it."""

    index: int = 0
    look: ViewSettings = ViewSettings()
    zoom: Zoom = "fit"
    pan: tuple[float, float] = (0.0, 0.0)
    tool: str = "window"
    texts: str = "all"
    interpolation: str = "area"
    opacity: Mapping[str, float] = field(default_factory=dict)
    """Of layers that were added and then changed, by their switch."""
    playing: bool = False
    rate: float | None = None
    """Frames a second; None is the file's own."""
    difference: bool = False
    """Whether the look's window is one of differences, and not of frames that are shown as they are."""

    def looking(self, *, difference: bool) -> ViewSettings:
        """Return the look at a difference, or at a frame as it is, without a window that was meant for the other."""
        return self.look if self.difference == difference else replace(self.look, window=None)

    def message(self) -> dict[str, Any]:
        """Return it as the page gets it."""
        zoom = None if self.zoom == "fit" else self.zoom
        look = asdict(self.look)
        if isinstance(self.look.window, VoiLut):
            look["window"] = {"lut": self.look.window.number, "explanation": self.look.window.explanation}
        return {**asdict(self), "look": look, "zoom": zoom, "pan": list(self.pan)}

    @classmethod
    def of(cls, content: dict[str, Any]) -> Surface:
        """Read it from a page's message."""
        look, zoom = content["look"], content["zoom"]
        window = look.get("window")
        chosen: Window | VoiLut | None = None
        if window:
            words = str(window.get("explanation") or "")
            chosen = (
                VoiLut(int(window["lut"]), words)
                if "lut" in window
                else Window(float(window["center"]), float(window["width"]), window["function"], words)
            )
        hidden = tuple(str(name) for name in look.get("hidden", ()))
        return cls(
            int(content["index"]),
            ViewSettings(chosen, bool(look["invert"]), int(look["turns"]) % 4, bool(look["flip"]), hidden),
            "fit" if zoom is None else zoom if zoom == "true size" else float(zoom),
            (float(content["pan"][0]), float(content["pan"][1])),
            str(content["tool"]),
            content["texts"] if content["texts"] in TEXTS else "all",
            "linear" if content["interpolation"] == "linear" else "area",
            {str(name): min(1.0, max(0.0, float(a))) for name, a in content["opacity"].items()},
            bool(content["playing"]),
            float(content["rate"]) if content["rate"] else None,
            bool(content.get("difference")),
        )
