"""Remote AEs: queries, retrieval and the doctor, over DIMSE and HTTP."""

__all__ = ["doctor", "remote", "retrieve", "transport", "ways"]
