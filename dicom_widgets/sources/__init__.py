"""Where instances come from: remote AEs and media. Each is given a sink; none knows the store."""
