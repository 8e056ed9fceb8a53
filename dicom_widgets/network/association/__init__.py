"""Associations that we request, and the operations over them."""

__all__ = ["addresses", "association", "operation"]
