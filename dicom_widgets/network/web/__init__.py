"""WADO-URI over HTTP (PS3.18 9)."""
