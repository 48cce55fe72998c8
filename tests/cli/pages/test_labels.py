"""Places of the labels in a figure."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translator_cli.pages.labels import Box, place


def test_labels_keep_apart_and_near_their_points() -> None:
    draw = random.Random(0)
    for _ in range(20):
        points = [(draw.uniform(40, 310), draw.uniform(30, 270)) for _ in range(24)]
        sizes = [(draw.uniform(15, 55), 9.0) for _ in points]
        boxes = place(points, sizes, 350, 300)
        dots = [Box(x, y, 6, 6) for x, y in points]
        for number, box in enumerate(boxes):
            assert sum(box.overlap(other) for other in [*boxes[:number], *dots]) == 0
            assert box.outside(350, 300) == pytest.approx(0, abs=1e-6)
            assert abs(box.x - points[number][0]) < 80 and abs(box.y - points[number][1]) < 80


def test_a_lone_label_is_on_the_right_and_at_the_edge_on_the_left() -> None:
    (middle,) = place([(100, 100)], [(30, 9)], 300, 200)
    (edge,) = place([(290, 100)], [(30, 9)], 300, 200)
    assert middle.y == edge.y == 100 and middle.x > 115 and edge.x < 275


def test_where_there_is_no_room_labels_are_placed_all_the_same() -> None:
    boxes = place([(5, 5)] * 30, [(20, 9)] * 30, 20, 20)
    assert len({(box.x, box.y) for box in boxes}) > 1
    assert all(abs(box.x - 5) < 80 and abs(box.y - 5) < 80 for box in boxes)


@given(st.tuples(*[st.floats(1, 50)] * 4), st.tuples(*[st.floats(1, 50)] * 4))
def test_overlap_is_that_of_areas(one: tuple[float, ...], other: tuple[float, ...]) -> None:
    boxes = Box(*one), Box(*other)
    sides = [
        max(0.0, min(a + p / 2, b + q / 2) - max(a - p / 2, b - q / 2))
        for a, b, p, q in ((one[0], other[0], one[2], other[2]), (one[1], other[1], one[3], other[3]))
    ]
    inner = min(boxes, key=lambda box: box.width * box.height)
    area = boxes[0].overlap(boxes[1])
    assert area == boxes[1].overlap(boxes[0]) >= sides[0] * sides[1] - 1e-6
    if not (sides[0] < min(one[2], other[2]) - 1e-9 and sides[1] < min(one[3], other[3]) - 1e-9):
        return
    assert area == pytest.approx(sides[0] * sides[1], abs=1e-6) and area <= inner.width * inner.height + 1e-6
