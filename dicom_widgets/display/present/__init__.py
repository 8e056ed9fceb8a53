"""The presenters: an instance becomes a Picture or a Page."""
