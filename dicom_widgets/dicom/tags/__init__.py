"""Tags: the elements of any data set as rows to be read."""
