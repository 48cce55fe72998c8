"""Captions as files have them: an image by some name, a text, and the language if the file says it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from translator.errors import FormatError

IMAGE_COLUMNS = (
    *("file_name", "filename", "image", "image_name", "image_path", "filepath", "path", "file"),
    *("img", "image_id", "photo", "name", "id"),
)
TEXT_COLUMNS = (
    *(
        "caption",
        "captions",
        "text",
        "texts",
        "comment",
        "sentence",
        "sentences",
        "description",
        "raw",
        "title",
    ),
)
LANGUAGE_COLUMNS = ("language", "lang", "locale")
_CODE = re.compile(r"[a-z]{2,3}([-_][a-z0-9]{2,8})?")


class Row(NamedTuple):
    """One caption.

    :param image: name or path of its image.
    :param text: may be blank.
    :param language: None where the file does not say it.
    """

    image: str
    text: str
    language: str | None = None


class Columns(NamedTuple):
    """Names of the columns with the image, with texts and the language of each, and with the language."""

    image: str
    texts: Mapping[str, str | None]
    language: str | None

    def rows(self, record: Mapping[str, Any]) -> Iterable[Row]:
        """Yield the captions in a record of a table."""
        image, code = record.get(self.image), self.language and record.get(self.language)
        if isinstance(image, Mapping):  # as data sets of Hugging Face keep it in Parquet
            image = image.get("path")
        for column, language in self.texts.items():
            value = record.get(column)
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, Mapping):  # a sentence of Karpathy's
                    text = text.get("raw")
                yield Row(_text(image), _text(text), language or _text(code) or None)


def columns_of(names: Sequence[str]) -> Columns | None:
    """Return which columns hold what, by their names; None if they do not say.

    >>> columns_of(["image", "caption_de", "caption_fr"]).texts
    {'caption_de': 'de', 'caption_fr': 'fr'}
    """
    plain = {name.strip().lower(): name for name in reversed(names) if name}
    image = next((plain[name] for name in IMAGE_COLUMNS if name in plain), None)
    if image is None:
        return None
    language = next((plain[name] for name in LANGUAGE_COLUMNS if name in plain), None)
    text = next((plain[name] for name in TEXT_COLUMNS if name in plain), None)
    texts: dict[str, str | None] = {} if text is None else {text: None}
    if text is None:
        texts = {plain[name]: code for name in plain if (code := _language_of(name)) is not None}
        texts = {name: texts[name] for name in names if name in texts and name != image}
    return Columns(image, texts, language) if texts else None


def rows_of(records: Iterable[Mapping[str, Any]], names: Sequence[str], file: Path) -> list[Row]:
    """Return the captions in the records of a table.

    :param names: of the columns.
    :raises FormatError: they do not say where images and captions are.
    """
    columns = columns_of(names)
    if columns is None:
        raise FormatError(
            f"{file}: no columns of images and captions among {', '.join(map(str, names)) or 'none'}",
            "Name them image and caption.",
        )
    return [row for record in records for row in columns.rows(record)]


def _language_of(column: str) -> str | None:
    """Return the language code in the name of a column: ``caption_de``, ``text:de`` or ``de``."""
    for name in TEXT_COLUMNS:
        if column.startswith(name) and column[len(name) : len(name) + 1] in tuple("_-.: ["):
            column = column[len(name) + 1 :].rstrip("]")
            break
    return column if _CODE.fullmatch(column) else None


def _text(value: Any) -> str:
    return "" if value is None else " ".join(str(value).split())
