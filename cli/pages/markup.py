"""HTML by construction: text is escaped where it becomes part of an element, so no word can be markup."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from ..render import share


class Html(str):
    """Text that is HTML already. Any other string is escaped when an element takes it in."""


def element(name: str, *children: str, **attributes: str) -> Html:
    """``<name>`` with its children.

    :param attributes: underscores stand for hyphens, one at the end is dropped: ``class_``, ``aria_label``.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(value)}"' for key, value in attributes.items()
    )
    return Html(f"<{name}{given}>{joined(*children)}</{name}>")


def percent(value: float) -> str:
    """A share of 1 in percent, which no line break parts from its sign."""
    return share(value).replace(" ", "\N{NO-BREAK SPACE}")


def joined(*parts: str) -> Html:
    """Parts one after the other, escaped where they are no HTML."""
    return Html("".join(part if isinstance(part, Html) else html.escape(part) for part in parts))


def paragraph(*parts: str) -> Html:
    """A paragraph."""
    return element("p", *parts)


def word(text: str) -> Html:
    """A word of any language, which keeps its own direction of writing."""
    return element("bdi", text)


def words(texts: Sequence[str]) -> Html:
    """Words with commas between them."""
    return joined(*(joined(", " if place else "", word(text)) for place, text in enumerate(texts)))


def listing(items: Sequence[str]) -> Html:
    """A list with a dot before each item."""
    return element("ul", *(element("li", item) for item in items))


def table(header: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "", names: int = 1) -> Html:
    """A table that scrolls on its own where the page is narrow.

    :param names: columns from the left that hold text; numbers stand in the others, to the right.
    """

    def line(cells: Sequence[str], name: str) -> Html:
        return element(
            "tr",
            *(
                element(name, cell) if place < names else element(name, cell, class_="number")
                for place, cell in enumerate(cells)
            ),
        )

    return element(
        "div",
        element(
            "table",
            element("caption", caption) if caption else "",
            element("thead", line(header, "th")),
            element("tbody", *(line(row, "td") for row in rows)),
        ),
        class_="scroll",
    )


@dataclass(frozen=True)
class Section:
    """A part of the page with a heading of its own, which links and the contents lead to.

    :param topic: its id.
    """

    topic: str
    title: str
    body: Html

    @property
    def html(self) -> Html:
        """As an element."""
        return element("section", element("h2", self.title), self.body, id=self.topic)


def section(topic: str, title: str, *parts: str) -> Section:
    """A section of several parts."""
    return Section(topic, title, joined(*parts))


def figure(picture: Html, *caption: str) -> Html:
    """A picture and what it shows."""
    return element("figure", picture, element("figcaption", *caption))


def key(colour: str, text: str) -> Html:
    """The name of a line in a picture, with a sample of its colour."""
    return element("span", element("i", class_=f"sample {colour}"), word(text), class_="key")
