"""Place the labels of points so that they do not overlap."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

RINGS = 14  # distances from the point that are tried
DIRECTIONS = 16
GAP = 1.5


@dataclass(frozen=True)
class Box:
    """A rectangle: its centre and its size."""

    x: float
    y: float
    width: float
    height: float

    def overlap(self, other: Box) -> float:
        """Return the area that both cover."""
        across = (self.width + other.width) / 2 - abs(self.x - other.x)
        along = (self.height + other.height) / 2 - abs(self.y - other.y)
        return max(0.0, across) * max(0.0, along)

    def outside(self, width: float, height: float) -> float:
        """Return the area outside a frame from (0, 0) to (width, height)."""
        across = min(width, self.x + self.width / 2) - max(0.0, self.x - self.width / 2)
        along = min(height, self.y + self.height / 2) - max(0.0, self.y - self.height / 2)
        return self.width * self.height - max(0.0, across) * max(0.0, along)


def place(
    points: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    width: float,
    height: float,
    dot: float = 6.0,
) -> list[Box]:
    """Return a box for the label of each point, near it, apart from earlier boxes and from all points.

    The nearest free place is used; if none is free, the one with the least overlap.

    :param sizes: width and height of each label.
    :param width: of the frame, from 0; ``height`` likewise.
    :param dot: side of the square that a point takes.
    """
    taken = [Box(x, y, dot, dot) for x, y in points]
    placed = []
    for (x, y), size in zip(points, sizes, strict=True):
        best = min(_places(x, y, size, dot), key=lambda box: _cost(box, taken, width, height))
        placed.append(best)
        taken.append(best)
    return placed


def _cost(box: Box, taken: Sequence[Box], width: float, height: float) -> float:
    """Return the overlap plus a penalty for leaving the frame; rounded, so that free places are equal."""
    return round(sum(box.overlap(other) for other in taken) + 4 * box.outside(width, height), 6)


def _places(x: float, y: float, size: tuple[float, float], dot: float) -> list[Box]:
    """Return boxes around a point, the nearest first: right, left, above, below, and between."""
    wide, high = size
    turns = [turn / DIRECTIONS * 2 * math.pi for turn in range(DIRECTIONS)]
    turns.sort(key=lambda turn: (round(abs(math.sin(turn)), 6), math.cos(turn) < 0))
    boxes = []
    for ring in range(RINGS):
        reach = dot / 2 + GAP + ring * high / 2
        for turn in turns:
            across, along = math.cos(turn), math.sin(turn)
            boxes.append(
                Box(x + across * (reach + wide / 2), y + along * (reach + high / 2), wide + GAP, high + GAP)
            )
    return boxes
