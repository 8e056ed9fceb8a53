"""The display core: pure functions from instances to pictures and pages; no Jupyter, no network."""
