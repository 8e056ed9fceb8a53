"""C-GET and C-MOVE, with the listener that a C-MOVE needs."""
