"""The Grayscale Standard Display Function (PS3.14): equal steps of P-values look equally large (requirement GP12).

It is the last step of the table of a grey layer, from the two luminances that the user states; between them the display
is assumed to follow a power of 2.2, as sRGB nearly does. Nothing is measured, and pages claim no more than this.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

GAMMA: Final = 2.2
"""Exponent of the display: luminance by digital driving level."""
_OVER: Final = (-1.3011877, 8.0242636e-2, 1.3646699e-1, -2.5468404e-2, 1.3635334e-3)
_UNDER: Final = (1.0, -2.5840191e-2, -1.0320229e-1, 2.8745620e-2, -3.1978977e-3, 1.2992634e-4)
"""Coefficients a, c, e, g, m and b, d, f, h, k of PS3.14 6.1, of ascending powers of ln(j)."""
_INDEX: Final = (
    *(71.498068, 94.593053, 41.912053, 9.8247004, 0.28175407),
    *(-1.1878455, -0.18014349, 0.14710899, -0.017046845),
)
"""Coefficients A to I of PS3.14 6.1, of ascending powers of log10(L)."""


def luminance(index: np.ndarray) -> np.ndarray:
    """Return the luminance in cd/m² of just noticeable difference indices, 1 to 1023."""
    x = np.log(index)
    found: np.ndarray = 10 ** (np.polynomial.polynomial.polyval(x, _OVER) / np.polynomial.polynomial.polyval(x, _UNDER))
    return found


def index(light: float) -> float:
    """Return the just noticeable difference index of a luminance in cd/m²."""
    return float(np.polynomial.polynomial.polyval(np.log10(light), _INDEX))


@lru_cache(8)
def table(darkest: float, brightest: float) -> np.ndarray:
    """Return the digital driving level of each P-value of 8 bits, (256,) uint8, read-only.

    Parameters
    ----------
    darkest, brightest : float
        Luminance of black and of white on the user's display, with the light of the room, in cd/m².

    """
    wanted = luminance(np.linspace(index(darkest), index(brightest), 256))
    share = (wanted - wanted[0]) / (wanted[-1] - wanted[0])  # of its own ends: there and back is not exact
    found = np.floor(255 * share ** (1 / GAMMA) + 0.5).astype(np.uint8)
    found.flags.writeable = False
    return found
