"""Tags: the elements of any data set as rows of text."""
