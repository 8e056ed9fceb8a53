"""What stands beside the images: browser, series, tags, doctor."""
