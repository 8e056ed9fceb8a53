"""The display core: pure functions from instances to pictures and pages; no Jupyter, no network."""

__all__ = [
    "cine",
    "derived",
    "graphics",
    "mammography",
    "picture",
    "pipeline",
    "present",
    "presentation_state",
    "texts",
    "values",
]
