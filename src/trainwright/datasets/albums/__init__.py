"""Datasets to look at: pictures with what is said of them, rows of tables."""

from trainwright.datasets.albums.album import Album, Box, Picture
from trainwright.datasets.albums.opening import open_album, open_sample
from trainwright.datasets.albums.rows import Table, find_table, read_rows

__all__ = [
    "Album",
    "Box",
    "Picture",
    "Table",
    "find_table",
    "open_album",
    "open_sample",
    "read_rows",
]
