"""What is fast and what is not, side by side with what else there is: `python -m benchmarks [names]`."""
