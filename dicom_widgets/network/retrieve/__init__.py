"""C-GET and C-MOVE, with the listener that a C-MOVE needs."""

__all__ = ["get", "lease", "listener", "move"]
