"""Readers of dataset formats. Light: needs Pillow only, no numpy and no torch."""
