"""Read many decimal numbers of a block of bytes at once.

Numbers in vector files have few shapes: most of a fastText file looks like ``0.0412`` or ``-0.1187``. All
numbers of one shape (same length, position of the point, and sign) are read by one matrix product,
digits [n, length] @ powers of ten [length]. The result is exact: the digits form an integer below 10^15,
and dividing it by a power of ten below 10^15 rounds once, as ``float`` does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from translator.vectors import Floats, Indices

_LONGEST = 15  # bytes of the longest numbers that are read by shape; float() reads longer ones
_SHAPES = _LONGEST + 2  # lengths and positions of the point are below this


def parse_decimals(block: bytes, starts: Indices, ends: Indices) -> Floats:
    """Read the numbers ``block[starts[i]:ends[i]]``, each with the result of ``float32(float(text))``.

    :returns: float32 [n]; NaN where the bytes are not a number, infinite where a number is too large.

    >>> parse_decimals(b"0.5 -2 x", np.array([0, 4, 7]), np.array([3, 6, 8])).tolist()
    [0.5, -2.0, nan]
    """
    values = np.empty(len(starts), np.float32)
    characters = np.frombuffer(block, np.uint8)
    unusual = [np.empty(0, np.int64)]
    for numbers, length, point, negative in _shapes(characters, starts, ends):
        weights = _weights(length, point, negative)
        if length > _LONGEST or not weights.any():  # no digits: only a sign or a point
            unusual.append(numbers)
            continue
        windows = np.ndarray((len(block) - length + 1,), f"V{length}", block, strides=(1,))
        digits = windows[starts[numbers]].view(np.uint8).reshape(-1, length) - np.uint8(ord("0"))
        magnitude = digits.astype(np.float64) @ weights / 10.0 ** max(length - 1 - point, 0)
        values[numbers] = -magnitude if negative else magnitude
        not_digits = digits > 9  # the sign and the point, and no other byte of a decimal number
        expected = np.count_nonzero(weights == 0)
        if np.count_nonzero(not_digits) != expected * len(numbers):
            unusual.append(numbers[not_digits.sum(axis=1) != expected])
    rest = np.concatenate(unusual)
    bounds = zip(starts[rest].tolist(), ends[rest].tolist(), strict=True)
    with np.errstate(over="ignore"):
        values[rest] = [_read_one(block[start:end]) for start, end in bounds]
    return values


def _shapes(
    block: npt.NDArray[np.uint8], starts: Indices, ends: Indices
) -> Iterator[tuple[Indices, int, int, bool]]:
    """Yield groups of numbers of one shape.

    :returns: rows of the numbers, their length, position of the point (or the length), and whether the
        sign is negative.
    """
    length = np.minimum(ends - starts, _LONGEST + 1)
    shape = (length * _SHAPES + _points(block, starts, length)) * 2 + (block[starts] == ord("-"))
    for key in np.flatnonzero(np.bincount(shape)).tolist():
        yield np.flatnonzero(shape == key), key // 2 // _SHAPES, key // 2 % _SHAPES, bool(key % 2)


def _points(block: npt.NDArray[np.uint8], starts: Indices, length: Indices) -> Indices:
    """Return the position of the first point in each number, or the number's length.

    Positions 1 and 2 are tried first, for all numbers at once: nearly all numbers have their point there.
    """
    is_point = np.append(block == ord("."), [False, False])  # bytes may be looked up behind the last one
    second, third = (is_point[position:].take(starts) & (length > position) for position in (1, 2))
    case = second.view(np.uint8) + 2 * third.view(np.uint8)
    points = np.array([0, 1, 2, 1]).take(case)
    open_rows = np.flatnonzero(case == 0)
    points[open_rows] = length[open_rows]
    for position in (0, *range(3, _LONGEST)):
        open_rows = open_rows[length[open_rows] > position]
        here = is_point[starts[open_rows] + position]
        points[open_rows[here]] = position
        open_rows = open_rows[~here]
    return points


def _weights(length: int, point: int, negative: bool) -> npt.NDArray[np.float64]:
    """Return the power of ten of each byte, as if there were no point; 0 for the sign and the point."""
    weights = np.zeros(length)
    digits = [position for position in range(negative, length) if position != point]
    weights[digits] = 10.0 ** np.arange(len(digits))[::-1]
    return weights


def is_number(text: bytes) -> bool:
    """Return whether ``text`` is a decimal number, ``nan`` or ``inf``.

    >>> is_number(b"1.5e-05"), is_number(b"1_000")
    (True, False)
    """
    try:
        float(text)
    except ValueError:
        return False
    return b"_" not in text  # only Python reads 1_000 as a number


def _read_one(text: bytes) -> float:
    """Read an unusual number, such as ``1.5e-05``; NaN if the text is not a number."""
    return float(text) if is_number(text) else math.nan
