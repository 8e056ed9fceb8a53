"""Presenters: pure functions that make a Picture or a Page of an instance."""

__all__ = ["automatic_window", "digital_subtraction", "image", "presenters", "record", "request"]
