"""What the page of a report is made with: markup, figures, and the places of labels."""

from __future__ import annotations

import random
import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import HOSTILE, Reader
from translator_cli.pages.labels import Box, place
from translator_cli.pages.markup import Html, element, joined, percent, section, table, word, words
from translator_cli.pages.style import STYLE
from translator_cli.pages.svg import COLOURS, SOURCE, drawing, inline


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_never_markup(text: str) -> None:
    made = element("p", text, word(text), title=text)
    read = Reader(made)
    assert [tag for tag, _ in read.elements] == ["p", "bdi"]
    assert read.elements[0][1] == {"title": text} and read.text == text + text
    assert Reader(table((text,), ((text,),), caption=text)).text == 3 * text
    assert Reader(section("topic", text, text).html).text == 2 * text
    assert Reader(words([text, "b"])).text == f"{text}, b"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_any_text_is_read_as_it_was(text: str) -> None:
    assert Reader(joined(text, Html("<b>"), text)).text == text + text


def test_attributes_and_numbers() -> None:
    assert element("i", class_="a", aria_label="b") == '<i class="a" aria-label="b"></i>'
    assert percent(0.1234) == "12.3\N{NO-BREAK SPACE}%"
    made = table(("a", "b"), [("x", "1")])
    assert '<td>x</td><td class="number">1</td>' in made and '<th class="number">b</th>' in made


@pytest.mark.parametrize("text", [*HOSTILE, "$x^2$", "שלום", "水の言葉", "\u202eabc", "#010203"])
def test_words_in_a_figure_are_text(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with drawing() as (figure, axes):
            axes.plot([0, 1], [0, 1], color=SOURCE)
            axes.text(0.5, 0.5, text, parse_math=False)
            made = inline(figure, "one", text)
    read = Reader(made)
    assert text in read.text
    assert {tag for tag, _ in read.elements} <= {
        "svg",
        "g",
        "path",
        "defs",
        "use",
        "text",
        "clippath",
        "rect",
    }
    assert read.elements[0][1]["aria-label"] == text and read.elements[0][1]["role"] == "img"
    assert all(not name.startswith("on") for _, attributes in read.elements for name in attributes)


def test_figures_take_the_colours_of_the_page_and_have_ids_of_their_own() -> None:
    made = []
    for name in ("one", "two"):
        with drawing() as (figure, axes):
            axes.plot([0, 1], [0, 1], "o-", color=SOURCE)
            axes.set_xlabel("x")
            made.append(inline(figure, name, "a line"))
    assert "var(--source)" in made[0] and "var(--ink)" in made[0] and "#0102" not in made[0]
    ids = [set(re.findall(r'\bid="([^"]+)"', one)) for one in made]
    used = [set(re.findall(r'(?:href="|url\()#([^")]+)', one)) for one in made]
    assert not ids[0] & ids[1] and used[0] and used[0] <= ids[0] and used[1] <= ids[1]
    assert made[0] == made[1].replace("two-", "one-")  # the same figure is the same text
    assert "http" not in made[0] and "<style" not in made[0] and "<metadata" not in made[0]


def test_every_colour_of_a_figure_is_one_of_the_page() -> None:
    for colour in COLOURS.values():
        name = colour.removeprefix("var(").removesuffix(")")
        assert STYLE.count(f"{name}:") == 3  # by day, by night, on paper


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


def test_a_lone_label_stands_to_the_right_and_at_the_edge_to_the_left() -> None:
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
