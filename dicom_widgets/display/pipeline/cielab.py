"""Colours of presentation states: CIELab and P-values as `#rrggbb` (PS3.3 C.10.7.1.1).

The text of the Standard refers to D50; every writer that we examined means D65, so colours are decoded with D65.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_WHITE: Final = (0.95047, 1.0, 1.08883)
"""D65."""


def color_of_p_value(level: float) -> str:
    """Return a P-value, 0 to 65535, as `#rrggbb`."""
    return "#" + f"{int(max(0.0, min(65535.0, level)) / 257 + 0.5):02x}" * 3


def color_of_cielab(encoded: Sequence[float]) -> str:
    """Return a colour of three 16-bit numbers as `#rrggbb`: L* is 0 to 100, a* and b* are -128 to 127."""
    light, a, b = encoded[0] / 65535 * 100, encoded[1] / 65535 * 255 - 128, encoded[2] / 65535 * 255 - 128
    fy = (light + 16) / 116
    x, y, z = (w * _inverse(f) for w, f in zip(_WHITE, (fy + a / 500, fy, fy - b / 200), strict=True))
    linear = (
        3.2404542 * x - 1.5371385 * y - 0.4985314 * z,
        -0.9692660 * x + 1.8760108 * y + 0.0415560 * z,
        0.0556434 * x - 0.2040259 * y + 1.0572252 * z,
    )
    return "#" + "".join(f"{_byte(v):02x}" for v in linear)


def _inverse(f: float) -> float:
    return f**3 if f > 6 / 29 else 3 * (6 / 29) ** 2 * (f - 4 / 29)


def _byte(linear: float) -> int:
    """Return a linear sample as a byte of sRGB (IEC 61966-2-1)."""
    v = max(0.0, min(1.0, linear))
    return int((12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055) * 255 + 0.5)
