"""Associations that we request, and the operations over them."""
