"""Data sets: what is encoded in them, what they say, and the Standard's tables."""

__all__ = [
    "blob",
    "charsets",
    "conformance",
    "datasets",
    "entities",
    "fragments",
    "functional_groups",
    "header",
    "instance",
    "part10",
    "privacy",
    "readable",
    "statuses",
    "tags",
    "values",
]
