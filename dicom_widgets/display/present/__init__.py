"""The presenters: an instance becomes a Picture or a Page."""

__all__ = ["automatic_window", "digital_subtraction", "image", "presenters", "record", "request"]
