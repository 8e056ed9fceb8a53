"""What every source of instances has in common: orders, the ledger, the wish to stop."""

__all__ = ["cancellation", "catalog", "ledger", "local", "matching", "order", "retrieval", "source", "terms", "way"]
