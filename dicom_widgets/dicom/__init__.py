"""Data sets: how they are encoded, what their attributes say, and the tables of the Standard."""

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
