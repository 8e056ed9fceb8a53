"""What a viewport scrolls through."""
