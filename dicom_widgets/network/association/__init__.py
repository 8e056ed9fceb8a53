"""Associations that we request, and what goes on over one."""

__all__ = ["addresses", "association", "operation"]
