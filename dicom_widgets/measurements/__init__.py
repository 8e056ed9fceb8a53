"""Measurements on images, and their figures."""

__all__ = ["figures", "kind", "kinds", "measurement", "measurements"]
