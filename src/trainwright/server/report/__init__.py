"""A run as one HTML file: without scripts, requests or anything that is not in it."""
