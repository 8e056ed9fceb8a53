"""What every source of instances has in common: queries, ways of retrieval, orders, the ledger.

Sources do not know where instances are kept: an order carries a `Sink`, which takes them and says how much room there
is.
"""

__all__ = [
    "cancellation",
    "catalog",
    "ledger",
    "local",
    "matching",
    "order",
    "retrieval",
    "source",
    "terms",
    "verification",
    "way",
]
