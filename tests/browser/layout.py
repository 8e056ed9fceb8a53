"""Scripts that measure how widgets lie on a page."""

from __future__ import annotations

OUTSIDE = """() => [...document.querySelectorAll(".dw-rows > *, .dw-group > *, .dw-controls > *, .dw-more")]
    // What of a toolbar reaches over its edges.
    .map(e => [e, e.getBoundingClientRect().right, e.closest(".dw-bar").getBoundingClientRect().right])
    .filter(([e, right, edge]) => e.checkVisibility() && right > edge)
    .map(([e]) => e.outerHTML.slice(0, 80))"""
