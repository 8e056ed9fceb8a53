"""Tags: the elements of any data set as rows of text."""

__all__ = ["bulk", "elements", "search"]
