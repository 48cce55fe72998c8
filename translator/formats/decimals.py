"""Decimal numbers in a block of bytes, read many at once.

Numbers in vector files have few shapes: ``0.0412`` and ``-0.1187`` are most of a fastText file. All
numbers of one shape (same length, same place of the point, same sign) are read by one product
digits [n, length] @ powers of ten [length]. It is exact: the digits make an integer below 10^15, and
dividing it by a power of ten below 10^15 rounds once, as ``float`` does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from translator.vectors import Floats, Indices

_LONGEST = 15  # bytes of a number read by its shape; longer ones are left to float()
_SHAPES = _LONGEST + 2  # lengths and places of the point are below this


def parse_decimals(block: bytes, starts: Indices, ends: Indices) -> Floats:
    """Read the numbers ``block[starts[i]:ends[i]]``, each as ``float32(float(text))`` would.

    :returns: float32 [n]; NaN where the bytes are no number, infinite where it is too large.
    """
    values = np.empty(len(starts), np.float32)
    characters = np.frombuffer(block, np.uint8)
    unusual = [np.empty(0, np.int64)]
    for places, length, point, negative in _shapes(characters, starts, ends):
        weights = _weights(length, point, negative)
        if length > _LONGEST or not weights.any():  # none: a lone sign or point
            unusual.append(places)
            continue
        windows = np.ndarray((len(block) - length + 1,), f"V{length}", block, strides=(1,))
        digits = windows[starts[places]].view(np.uint8).reshape(-1, length) - np.uint8(ord("0"))
        magnitude = digits.astype(np.float64) @ weights / 10.0 ** max(length - 1 - point, 0)
        values[places] = -magnitude if negative else magnitude
        strange = digits > 9  # the sign and the point are, and nothing else should be
        expected = np.count_nonzero(weights == 0)
        if np.count_nonzero(strange) != expected * len(places):
            unusual.append(places[strange.sum(axis=1) != expected])
    rest = np.concatenate(unusual)
    bounds = zip(starts[rest].tolist(), ends[rest].tolist(), strict=True)
    with np.errstate(over="ignore"):
        values[rest] = [_read_one(block[start:end]) for start, end in bounds]
    return values


def _shapes(
    block: npt.NDArray[np.uint8], starts: Indices, ends: Indices
) -> Iterator[tuple[Indices, int, int, bool]]:
    """Groups of numbers: their places, length, place of the point (the length if none), and sign."""
    length = np.minimum(ends - starts, _LONGEST + 1)
    shape = (length * _SHAPES + _points(block, starts, length)) * 2 + (block[starts] == ord("-"))
    for key in np.flatnonzero(np.bincount(shape)).tolist():
        yield np.flatnonzero(shape == key), key // 2 // _SHAPES, key // 2 % _SHAPES, bool(key % 2)


def _points(block: npt.NDArray[np.uint8], starts: Indices, length: Indices) -> Indices:
    """Where in each number its first point is, or its length: looked for first where it mostly is."""
    is_point = np.append(block == ord("."), [False, False])  # so that what follows a last byte is none
    second, third = (is_point[at:].take(starts) & (length > at) for at in (1, 2))
    seen = second.view(np.uint8) + 2 * third.view(np.uint8)
    points = np.array([0, 1, 2, 1]).take(seen)
    left = np.flatnonzero(seen == 0)
    points[left] = length[left]
    for place in (0, *range(3, _LONGEST)):
        left = left[length[left] > place]
        found = is_point[starts[left] + place]
        points[left[found]] = place
        left = left[~found]
    return points


def _weights(length: int, point: int, negative: bool) -> npt.NDArray[np.float64]:
    """Power of ten of each byte of a number, as if it had no point; 0 for the sign and the point."""
    weights = np.zeros(length)
    digits = [place for place in range(negative, length) if place != point]
    weights[digits] = 10.0 ** np.arange(len(digits))[::-1]
    return weights


def is_number(text: bytes) -> bool:
    """Whether ``text`` is a decimal number, or one of ``nan`` and ``inf``."""
    try:
        float(text)
    except ValueError:
        return False
    return b"_" not in text  # Python's 1_000 is no number elsewhere


def _read_one(text: bytes) -> float:
    """Read an unusual number, such as ``1.5e-05``; NaN if it is none."""
    return float(text) if is_number(text) else math.nan
