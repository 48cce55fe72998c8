"""HTML of a report page: text is never taken for markup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import HOSTILE, Reader
from translator_cli.pages.markup import Html, element, joined, percent, section, table, word, words


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
