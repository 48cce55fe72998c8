"""Build HTML from elements: text is escaped when it is put into an element, so no word can be markup."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from ..render import share


class Html(str):
    """Text that is HTML. Any other string is escaped when it is put into an element."""


def element(name: str, *children: str, **attributes: str) -> Html:
    """Return the element ``<name>`` with its children.

    :param attributes: underscores become hyphens, and one at the end is removed: ``class_``, ``aria_label``.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(value)}"' for key, value in attributes.items()
    )
    return Html(f"<{name}{given}>{joined(*children)}</{name}>")


def percent(value: float) -> str:
    """Write a share in percent, with a no-break space before the sign."""
    return share(value).replace(" ", "\N{NO-BREAK SPACE}")


def joined(*parts: str) -> Html:
    """Join parts; those that are not HTML are escaped."""
    return Html("".join(part if isinstance(part, Html) else html.escape(part) for part in parts))


def paragraph(*parts: str) -> Html:
    """Return a paragraph."""
    return element("p", *parts)


def word(text: str) -> Html:
    """Return a word of any language, isolated from the writing direction of the text around it."""
    return element("bdi", text)


def words(texts: Sequence[str]) -> Html:
    """Join words by commas."""
    return joined(*(joined(", " if place else "", word(text)) for place, text in enumerate(texts)))


def listing(items: Sequence[str]) -> Html:
    """Return a bulleted list."""
    return element("ul", *(element("li", item) for item in items))


def table(header: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "", names: int = 1) -> Html:
    """Return a table that scrolls if the page is narrow.

    :param names: number of text columns on the left; the others are numbers, aligned to the right.
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
    """A part of the page with its own heading.

    :param topic: the id of its element, for links.
    """

    topic: str
    title: str
    body: Html

    @property
    def html(self) -> Html:
        """The section as an element."""
        return element("section", element("h2", self.title), self.body, id=self.topic)


def section(topic: str, title: str, *parts: str) -> Section:
    """Return a section of several parts."""
    return Section(topic, title, joined(*parts))


def figure(image: Html, *caption: str) -> Html:
    """Return an image with its caption."""
    return element("figure", image, element("figcaption", *caption))


def key(colour: str, text: str) -> Html:
    """Return the entry of a legend: a sample of a colour and its name."""
    return element("span", element("i", class_=f"sample {colour}"), word(text), class_="key")
