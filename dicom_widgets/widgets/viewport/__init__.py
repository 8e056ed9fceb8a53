"""The viewport: one view of images."""
