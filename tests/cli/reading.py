"""A page as a browser reads it, and words that would like to be more than words."""

from __future__ import annotations

from html.parser import HTMLParser

HOSTILE = ["<script>alert(1)</script>", '" onload="alert(1)', "&lt;", "'><img src=x>", "]]>", "<!--"]


class Reader(HTMLParser):
    """Elements, attributes and text as a browser takes them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data
