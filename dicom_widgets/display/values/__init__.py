"""What the values and the distances of a frame mean, whatever they are looked at with."""
