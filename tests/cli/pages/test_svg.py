"""Figures as SVG within a page."""

from __future__ import annotations

import re
import warnings

import pytest
from reading import HOSTILE, Reader
from translator_cli.pages.style import STYLE
from translator_cli.pages.svg import COLOURS, SOURCE, drawing, inline


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
