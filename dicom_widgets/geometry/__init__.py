"""Where images lie in the patient: planes, stacks, volumes (PS3.3 C.7.6.2); and points."""

__all__ = ["plane", "point", "stack", "stacks", "volume"]
