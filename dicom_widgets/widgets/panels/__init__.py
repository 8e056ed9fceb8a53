"""What stands beside the images: browser, series, tags, doctor."""

__all__ = ["browser", "doctor", "file_panel", "series", "tags"]
