"""Remote AEs: queries, retrieval and the doctor, over DIMSE and HTTP."""
