"""Associations that we request, and what goes on over one."""
