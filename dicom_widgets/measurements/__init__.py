"""Measurements on images, and their figures."""

__all__ = ["figures", "kinds", "measurement", "measurements"]
