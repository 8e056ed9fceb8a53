"""What pynetdicom does for us, bounded and faster: PDUs, messages, the threads behind them."""

__all__ = ["bounds", "fast", "requestor", "sockets", "upper_layer"]
