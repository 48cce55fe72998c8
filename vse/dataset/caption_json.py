"""Captions in JSON: COCO's annotations, Karpathy's data sets, and captions by the name of their image."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from translator.errors import FormatError
from vse.dataset.caption_rows import Row, rows_of

_EXPECTED = 'Expected COCO\'s or Karpathy\'s JSON, or {"IMG_1.jpg": ["caption", ...], ...}.'


def read_json_captions(text: str, file: Path) -> tuple[str, list[Row]]:
    """Return the name of the format and the captions of a JSON file.

    :raises FormatError: it is no JSON, or in none of these formats.
    """
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{file}: cannot be read as JSON ({error})", _EXPECTED) from None
    try:
        if isinstance(value, dict) and "annotations" in value:
            return "COCO's JSON", _coco(value)
        if isinstance(value, dict) and isinstance(value.get("images"), list):
            return "Karpathy's JSON", _karpathy(value)
        if isinstance(value, dict):
            return "JSON", [Row(image, str(one)) for image, texts in value.items() for one in _list(texts)]
        names = list(dict.fromkeys(name for record in value for name in record))
    except (AttributeError, KeyError, TypeError) as error:
        raise FormatError(f"{file}: JSON of another form ({error!r})", _EXPECTED) from None
    return "JSON", rows_of(value, names, file)


def _coco(value: dict[str, Any]) -> list[Row]:
    images = {image["id"]: image["file_name"] for image in value["images"]}
    return [
        Row(str(images.get(one["image_id"], one["image_id"])), one["caption"], one.get("language"))
        for one in value["annotations"]
    ]


def _karpathy(value: dict[str, Any]) -> list[Row]:
    return [
        Row("/".join(filter(None, (image.get("filepath"), image["filename"]))), sentence["raw"])
        for image in value["images"]
        for sentence in image["sentences"]
    ]


def _list(texts: Any) -> list[Any]:
    return texts if isinstance(texts, list) else [texts]
