"""What all widgets share: the runtime that serves frames to pages, the base of the visible widgets, their messages."""
