"""Datasets: reading their formats, checking them before compute is taken."""
