"""What every source of instances has in common: orders, the ledger, the wish to stop."""
