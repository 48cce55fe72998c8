"""Captions that come with each image: a text file next to it, or a description in its own metadata."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from translator.errors import FormatError
from translator.progress import track
from vse.dataset.caption_rows import Row
from vse.dataset.caption_text import text_of

logger = logging.getLogger(__name__)

_LANGUAGE = re.compile(r"\.(?!bmp|gif|jpe|jpg|png|tif)([a-z]{2,3})\.txt$")
_DESCRIPTION, _COMMENT, _WINDOWS = 0x010E, 0x9286, (0x9C9B, 0x9C9C)  # EXIF: also title and comment of Windows
_IPTC_CAPTION = (2, 120)
_XMP = ".//{http://purl.org/dc/elements/1.1/}description//{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"
_XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def sidecars(images: Mapping[str, Path], encoding: str | None = None) -> list[Row]:
    """Return the captions in ``IMG_1.txt``, ``IMG_1.jpg.txt``, ``IMG_1.de.txt`` next to images, one a line.

    Files that cannot be read are left out, with a warning for each.
    """
    rows: list[Row] = []
    there = {folder: _texts(folder) for folder in {path.parent for path in images.values()}}
    for name, path in images.items():
        for file in there[path.parent].get(path.stem, []) + there[path.parent].get(path.name, []):
            found = _LANGUAGE.search(file.name[len(path.stem) :])
            try:
                lines = text_of(file, encoding).splitlines()
            except (FormatError, OSError) as error:
                logger.warning("left out: %s", error)
                continue
            rows += [Row(name, line.strip(), found and found[1]) for line in lines if line.strip()]
    return rows


def _texts(folder: Path) -> dict[str, list[Path]]:
    """Return the text files of a folder by the name of their image, which may lack its suffix."""
    files: dict[str, list[Path]] = {}
    for file in sorted(folder.glob("*.txt")):
        files.setdefault(_LANGUAGE.sub("", file.name).removesuffix(".txt"), []).append(file)
    return files


def descriptions(images: Mapping[str, Path]) -> list[Row]:
    """Return the descriptions in the metadata of images: XMP, IPTC, EXIF, or the text of a PNG."""
    rows: list[Row] = []
    for name in track(list(images), "reading descriptions", "image"):
        with suppress(Exception):  # of a damaged image, which is named when its features are made
            found = dict.fromkeys(_described(images[name]))  # programs write the same text in several places
            rows += [Row(name, text, language) for text, language in found]
    return rows


def _described(path: Path) -> Iterator[tuple[str, str | None]]:
    from PIL import Image, IptcImagePlugin

    with Image.open(path) as image:
        if found := list(_xmp(image.info.get("xmp", b""))):
            yield from found
            return
        exif = image.getexif()
        values = [
            (IptcImagePlugin.getiptcinfo(image) or {}).get(_IPTC_CAPTION),
            exif.get(_DESCRIPTION),
            exif.get_ifd(0x8769).get(_COMMENT),
            *(exif.get(tag) for tag in _WINDOWS),
            image.info.get("Description"),
        ]
        for value, encoding in zip(values, ["utf-8"] * 3 + ["utf-16-le"] * 2 + ["utf-8"], strict=True):
            if text := _decoded(value, encoding):
                yield text, None
                return


def _xmp(packet: bytes | str) -> Iterator[tuple[str, str | None]]:
    """Yield the Dublin Core descriptions of an XMP packet with their languages."""
    content = packet.encode() if isinstance(packet, str) else packet
    if not content or b"<!" in content:  # declarations of entities have no place here
        return
    for item in ElementTree.fromstring(content.strip(b"\0 \r\n")).iterfind(_XMP):
        code = (item.get(_XML_LANGUAGE) or "x-default").split("-")[0]
        if text := " ".join((item.text or "").split()):
            yield text, None if code == "x" else code


def _decoded(value: Any, encoding: str) -> str:
    """Return the text of a value; a comment of EXIF names its encoding in its first eight bytes."""
    value = value[0] if isinstance(value, list) and value else value
    if isinstance(value, bytes):
        if value[:8] == b"UNICODE\0":
            value, encoding = value[8:], "utf-16-le"
        elif value[:8] in (b"ASCII\0\0\0", b"\0" * 8):
            value = value[8:]
        try:
            value = value.decode(encoding)
        except UnicodeDecodeError:
            value = value.decode("latin-1")
    return " ".join(value.replace("\0", " ").split()) if isinstance(value, str) else ""
