"""What all widgets share: the runtime that serves frames to pages, the base of the visible widgets, their messages."""

__all__ = ["base", "debounce", "frame_names", "handlers", "kernel_messages", "page_messages", "runtime"]
