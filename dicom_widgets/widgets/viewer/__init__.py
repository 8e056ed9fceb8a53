"""Widgets of several parts: rows and columns of viewports, MPR, the file picker, the viewer."""

__all__ = ["mpr", "picker", "viewer"]
