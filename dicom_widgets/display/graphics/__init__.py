"""What is drawn over images: shapes, texts, overlays, shutters, reference lines; and where labels are placed."""

__all__ = ["overlay", "pen", "shapes", "shutter"]
