"""What a viewport scrolls through: frames in an order, each presented in its way."""
