"""The idx format of MNIST and its relatives: a big-endian header, then bytes."""

from __future__ import annotations

import math
import struct

import numpy as np
import numpy.typing as npt

from trainwright.spec import DataError

_UNSIGNED_BYTE = 0x08


def parse_idx(data: bytes, *, name: str = "the file") -> npt.NDArray[np.uint8]:
    """Read an idx file of unsigned bytes.

    Args:
        data: The whole file, unpacked.
        name: How to call it in errors.

    Raises:
        DataError: It is not idx, not of bytes, or longer or shorter than its header says.
    """
    if len(data) < 4 or data[:2] != b"\0\0" or not 1 <= data[3] <= 4:
        raise DataError(f"{name} is not an idx file", expected="the original file, gzipped or raw")
    if data[2] != _UNSIGNED_BYTE:
        raise DataError(f"{name} holds idx type {data[2]:#04x}", expected="unsigned bytes (0x08)")
    dimensions = data[3]
    start = 4 + 4 * dimensions
    if len(data) < start:
        raise DataError(f"{name} is cut off inside its header", expected="the whole file")
    shape = struct.unpack(f">{dimensions}I", data[4:start])
    if math.prod(shape) != len(data) - start:
        raise DataError(
            f"{name} holds {len(data) - start} bytes after its header",
            expected=f"{math.prod(shape)} bytes for shape {shape}",
        )
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)
