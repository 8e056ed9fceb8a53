"""Data sets: what is encoded in them, what they say, and the Standard's tables."""
