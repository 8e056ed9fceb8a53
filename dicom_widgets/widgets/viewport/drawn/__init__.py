"""What the kernel draws with ipycanvas: a notebook's drawing over a picture, and views without the page's script."""

__all__ = ["drawing", "fallback"]
