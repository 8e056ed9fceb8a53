"""Comparisons of what a page shows with what its kernel computes."""

from __future__ import annotations

import numpy as np

PIXELS = "canvas.dw-pixels"
"""The canvas of a viewport's image."""


def same(page, name="viewport", index=0, *, least_levels=2):
    """Wait for the page to be at rest, and compare its pixels with the kernel's; return them."""
    page.until(lambda: page.locator(PIXELS, index).get_attribute("data-index") is not None, what="a first picture")

    def compared():
        seen = page.pixels(PIXELS, index)
        height, width = seen.shape[:2]
        error = page.kernel(
            f"import numpy; view = {name}\n"
            f"numpy.save('truth.npy', view.picture().rgba(({height}, {width}), zoom=view.zoom, pan=view.pan,"
            f" interpolation=view.interpolation))"
        )
        assert not error, error
        truth = np.load(page.lab.folder / "truth.npy")
        return seen if np.array_equal(seen, truth) else None

    seen = page.until(compared, what=f"pixels of view {index} equal to {name}.picture().rgba()")
    assert len(np.unique(seen[..., 0])) >= least_levels
    return seen


def told(page, expression: str, value: object) -> None:
    """Wait until an expression has a value in the kernel."""
    page.until(lambda: page.kernel(f"print({expression})").strip() == str(value), what=f"{expression} == {value}")
