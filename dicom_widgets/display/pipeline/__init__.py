"""From stored values to display values: modality, VOI, presentation LUT, colour, GSDF (PS3.4 N.2)."""

__all__ = ["cielab", "color", "grayscale", "gsdf", "icc", "view_settings"]
