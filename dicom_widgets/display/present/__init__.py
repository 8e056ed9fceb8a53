"""Presenters: pure functions that make a Picture or a Page of an instance."""
