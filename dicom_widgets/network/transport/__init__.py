"""What pynetdicom does for us, bounded and faster: PDUs, messages, the threads behind them."""
