"""Tags: the elements of any data set as rows to be read."""

__all__ = ["bulk", "elements", "search"]
