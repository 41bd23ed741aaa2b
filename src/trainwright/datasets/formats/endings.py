"""Endings of file names, for those who need not decode: no imaging library is imported."""

from __future__ import annotations

import re

SUFFIXES = frozenset(
    (
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".png",
        ".gif",
        ".bmp",
        ".dib",
        ".tif",
        ".tiff",
        ".webp",
        ".ppm",
        ".pgm",
        ".pbm",
        ".pnm",
    )
)
"""Endings, in lower case, of files that are taken for images."""

UNSUPPORTED_SUFFIXES = frozenset(
    (
        ".heic",
        ".heif",
        ".avif",
        ".jxl",
        ".jp2",
        ".j2k",
        ".svg",
        ".psd",
        ".ico",
        ".exr",
        ".hdr",
        ".dng",
        ".cr2",
        ".nef",
        ".arw",
        ".raw",
    )
)
"""Endings of images that are not read; convert them to JPEG or PNG."""

ARCHIVE = re.compile(r"\.(?:zip|tgz|tbz2?|txz|tar(?:\.(?:gz|bz2|xz))?)$", re.IGNORECASE)
"""The ending of an archive that can be unpacked."""
