"""What all widgets of a page share: the runtime that serves frames, and the base of the visible ones."""
