"""Data sets: how they are encoded, what their attributes say, and the tables of the Standard."""
