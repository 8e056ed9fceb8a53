"""Measurements on images, and their figures."""
