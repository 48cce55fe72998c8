"""Captions in the files that people have: each format gives the same rows, and what is wrong is named."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from translator.errors import DataError, FormatError, MissingDependencyError
from vse.dataset.caption_rows import Row
from vse.dataset.caption_sources import read_captions
from vse.dataset.matching import ImageNames

ROWS = [Row("a.jpg", "a dog, brown"), Row("a.jpg", "ein Hund"), Row("b/c.png", "a cat")]

FILES: dict[str, str] = {
    "kaggle.csv": 'image,caption\na.jpg,"a dog, brown"\na.jpg,ein Hund\nb/c.png,a cat\n',
    "unquoted.csv": "image,caption\na.jpg,a dog, brown\na.jpg,ein Hund\nb/c.png,a cat\n",
    "more.csv": "\ufeffid;file_name;caption\r\n1;a.jpg;a dog, brown\r\n2;a.jpg;ein Hund\r\n3;b/c.png;a cat",
    "two lines.csv": 'caption,image\n"a dog,\nbrown",a.jpg\nein Hund,a.jpg\na cat,b/c.png\n',
    "tabs.tsv": "Caption\tImage\na dog, brown\ta.jpg\nein Hund\ta.jpg\na cat\tb/c.png\n",
    "flickr8k.txt": "a.jpg#0\ta dog, brown\na.jpg#1\tein  Hund \nb/c.png#0\ta cat\n",
    "flickr30k.csv": "image_name| comment_number| comment\na.jpg| 0| a dog, brown\na.jpg|1| ein Hund\n"
    "b/c.png| 0| a cat\n",
    "plain.csv": 'a.jpg,"a dog, brown"\na.jpg,ein Hund\nb/c.png,a cat\n',
    "metadata.jsonl": '{"file_name": "a.jpg", "text": ["a dog, brown", "ein Hund"]}\n\n'
    '{"file_name": "b/c.png", "text": "a cat"}\n',
    "named.json": json.dumps({"a.jpg": ["a dog, brown", "ein Hund"], "b/c.png": "a cat"}),
    "records.json": json.dumps([{"image": row.image, "caption": row.text} for row in ROWS]),
    "coco.json": json.dumps(
        {
            "images": [{"id": 7, "file_name": "a.jpg"}, {"id": 3, "file_name": "b/c.png"}],
            "annotations": [
                {"image_id": 7, "id": 1, "caption": "a dog, brown"},
                {"image_id": 7, "id": 2, "caption": "ein Hund"},
                {"image_id": 3, "id": 3, "caption": "a cat"},
            ],
        }
    ),
    "karpathy.json": json.dumps(
        {
            "dataset": "x",
            "images": [
                {"filename": "a.jpg", "sentences": [{"raw": "a dog, brown"}, {"raw": "ein Hund"}]},
                {"filepath": "b", "filename": "c.png", "sentences": [{"raw": "a cat"}]},
            ],
        }
    ),
}


def rows_in(folder: Path, name: str, content: str | bytes, encoding: str | None = None) -> list[Row]:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return read_captions({}, folder, folder / name, encoding).rows


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_the_same_captions(tmp_path: Path, name: str) -> None:
    assert rows_in(tmp_path, name, FILES[name]) == ROWS


def test_parquet_gives_the_same_captions(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="Parquet is read by pyarrow")
    from pyarrow import parquet

    values: dict[str, Any] = {
        "image": [{"bytes": b"x", "path": row.image} for row in ROWS],
        "caption": [row.text for row in ROWS],
        "other": [1, 2, 3],
    }
    parquet.write_table(pa.table(values), tmp_path / "x.parquet")
    assert read_captions({}, tmp_path, tmp_path / "x.parquet").rows == ROWS
    with pytest.raises(FormatError, match="cannot be read as Parquet"):
        rows_in(tmp_path, "y.parquet", b"PAR1 damaged")


def test_without_pyarrow_the_hint_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingDependencyError) as caught:
        rows_in(tmp_path, "x.parquet", b"PAR1")
    assert caught.value.hint == "Install it with: pip install 'bli-translator[parquet]'"


def test_languages_are_those_of_a_column_or_of_its_name(tmp_path: Path) -> None:
    expected = [Row("a.jpg", "a dog", "en"), Row("a.jpg", "ein Hund", "de")]
    tables = (
        "image,language,caption\na.jpg,en,a dog\na.jpg,de,ein Hund\n",
        "image,caption_en,caption_de\na.jpg,a dog,ein Hund\n",
        "image,en,de\na.jpg,a dog,ein Hund\n",
    )
    for table in tables:
        assert rows_in(tmp_path, "x.csv", table) == expected


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.csv", "some,thing\n1,2\n", "the first line 'some,thing' names no image and caption"),
        ("x.txt", "", "names no image and caption"),
        ("x.jsonl", '{"file_name": "a.jpg", "text": "a"}\nb\n', r"x\.jsonl:2: no JSON"),
        ("x.jsonl", "[1]\n", r"x\.jsonl:1"),
        ("x.jsonl", '{"a": 1}\n', "no columns of images and captions among a"),
        ("x.json", "{", "cannot be read as JSON"),
        ("x.json", '{"annotations": [{}], "images": []}', r"JSON of another form \(KeyError\('image_id'\)\)"),
        ("x.json", "[1]", "JSON of another form"),
        ("x.csv", b"\0\1\2\3" * 9, "binary"),
    ],
)
def test_what_is_no_file_of_captions_is_named(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    with pytest.raises(FormatError, match=message):
        rows_in(tmp_path, name, content)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16-le", "utf-16-be"])
def test_other_encodings_are_proposed_and_read(tmp_path: Path, encoding: str) -> None:
    content = "image,caption\na.jpg,häuser\n".encode(encoding)
    with pytest.raises(FormatError) as caught:
        rows_in(tmp_path, "x.csv", content)
    assert f'encoding="{encoding}"' in caught.value.hint
    assert rows_in(tmp_path, "x.csv", content, encoding) == [Row("a.jpg", "häuser")]
    assert rows_in(tmp_path, "x.csv", "image,caption\na.jpg,häuser\n".encode("utf-16")) == [
        Row("a.jpg", "häuser")
    ]
    with pytest.raises(DataError, match="no encoding is named 'x'"):
        rows_in(tmp_path, "x.csv", content, "x")
    with pytest.raises(FormatError, match=r"x\.csv:2: not ascii"):
        rows_in(tmp_path, "x.csv", b"image,caption\na.jpg,\xe9\n", "ascii")


def pictures(folder: Path, *names: str) -> dict[str, Path]:
    """Images of one colour by id."""
    image = pytest.importorskip("PIL.Image", reason="images are made by Pillow")
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        image.new("RGB", (8, 8)).save(folder / name)
    return {str(Path(name).with_suffix("")): folder / name for name in names}


def test_captions_are_found_where_people_keep_them(tmp_path: Path) -> None:
    images = pictures(tmp_path, "a.jpg", "b/c.png")
    with pytest.raises(DataError, match=r"no captions: no metadata\.csv") as caught:
        read_captions(images, tmp_path)
    assert caught.value.hint == "Pass captions=FILE."
    (tmp_path / "a.txt").write_text("a dog\n\na brown dog\n")
    (tmp_path / "b" / "c.png.txt").write_text("a cat")
    (tmp_path / "b" / "c.de.txt").write_text("eine Katze")
    found = read_captions(images, tmp_path)
    expected = [("a", "a dog", None), ("a", "a brown dog", None), ("b/c", "eine Katze", "de")]
    assert sorted(map(tuple, found.rows), key=str) == sorted([*expected, ("b/c", "a cat", None)], key=str)
    assert found.name == "text files next to the images"
    (tmp_path / "metadata.csv").write_text("file_name,text\na.jpg,a wolf\n")
    found = read_captions(images, tmp_path, tmp_path)
    assert (found.name, found.rows) == ("metadata.csv (a table)", [Row("a.jpg", "a wolf")])


def test_a_text_file_that_cannot_be_read_is_left_out(tmp_path: Path, caplog: Any) -> None:
    images = pictures(tmp_path, "a.jpg", "b.jpg")
    (tmp_path / "a.txt").write_bytes(b"h\xe4user")
    (tmp_path / "b.txt").write_bytes(b"houses")
    assert read_captions(images, tmp_path).rows == [Row("b", "houses")]
    assert "a.txt:1: not UTF-8" in caplog.text
    assert read_captions(images, tmp_path, encoding="latin-1").rows[0] == Row("a", "häuser")


def exif(image: Any) -> dict[str, Any]:
    tags = image.Exif()
    tags[0x010E] = "ein Hund"
    return {"exif": tags}


def windows(image: Any) -> dict[str, Any]:
    tags = image.Exif()
    tags[0x9C9C] = "ein Hund\0".encode("utf-16-le")
    return {"exif": tags}


def xmp(image: Any) -> dict[str, Any]:
    spaces = {
        "x": "adobe:ns:meta/",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "dc": "http://purl.org/dc/elements/1.1/",
    }
    declared = " ".join(f'xmlns:{short}="{long}"' for short, long in spaces.items())
    text = '<rdf:li xml:lang="x-default">ein Hund</rdf:li>'
    for name in ("rdf:Alt", "dc:description", "rdf:Description", "rdf:RDF"):
        text = f"<{name}>{text}</{name}>"
    return {"xmp": f"<x:xmpmeta {declared}>{text}</x:xmpmeta>".encode()}


@pytest.mark.parametrize("where", [exif, windows, xmp])
def test_descriptions_in_images_are_captions(tmp_path: Path, where: Callable[[Any], dict[str, Any]]) -> None:
    image = pytest.importorskip("PIL.Image", reason="images are made by Pillow")
    image.new("RGB", (8, 8)).save(tmp_path / "a.jpg", **where(image))
    (tmp_path / "b.jpg").write_bytes(b"damaged")
    found = read_captions({"a": tmp_path / "a.jpg", "b": tmp_path / "b.jpg"}, tmp_path)
    assert (found.name, found.rows) == ("the images' own descriptions", [Row("a", "ein Hund")])


def test_captions_of_press_photos_are_read(tmp_path: Path) -> None:
    """IPTC: record 2, data set 120, in block 0x0404 of Photoshop's segment, which Pillow does not write."""
    pictures(tmp_path, "a.jpg")
    text = "Häuser".encode()
    records = b"\x1c\x02\x78" + len(text).to_bytes(2, "big") + text
    block = b"8BIM\x04\x04\0\0" + len(records).to_bytes(4, "big") + records + b"\0" * (len(records) % 2)
    segment = b"Photoshop 3.0\0" + block
    content = (tmp_path / "a.jpg").read_bytes()
    marked = content[:2] + b"\xff\xed" + (len(segment) + 2).to_bytes(2, "big") + segment + content[2:]
    (tmp_path / "a.jpg").write_bytes(marked)
    assert read_captions({"a": tmp_path / "a.jpg"}, tmp_path).rows == [Row("a", "Häuser")]


def test_an_image_is_meant_by_any_end_of_its_path(tmp_path: Path) -> None:
    paths = ["x/a.jpg", "x/b.jpg", "y/b.jpg", "b.jpg", "Cafe\u0301.png"]
    names = ImageNames({path: tmp_path / path for path in paths}, tmp_path)
    for name in (
        "x/a.jpg",
        "a.jpg",
        "A.JPG",
        "a",
        "./x/a.jpg",
        r"C:\photos\x\a.jpg",
        "/home/x/a",
        "other/a.jpg",
    ):
        assert names.find(name) == "x/a.jpg", name
    assert names.find("b.jpg") == "b.jpg" and names.find("y/b") == "y/b.jpg"
    assert names.find("caf\xe9.png") == "Cafe\u0301.png"
    assert names.find("b") is None and names.find("c.jpg") is None and names.find("") is None
