"""What a viewport scrolls through: frames in an order, each presented in its way."""

__all__ = ["angles", "frame_sequence", "hanging", "sheets"]
