"""fastText models: read, refused with a reason, and written so that stock fastText agrees."""

from __future__ import annotations

import re
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from translator.errors import DataError, FormatError
from translator.formats.fasttext import MAGIC, read_fasttext, write_fasttext
from translator.vectors import Floats
from translator.vectors.subword import SubwordVectors

UNSEEN = ["unseen", "größenwahn", "неведомый", "東京大学", "two words", ""]


@pytest.fixture
def affine() -> tuple[Floats, Floats]:
    """A map from 16 to 5 dimensions, and an offset."""
    generator = np.random.default_rng(1)
    return generator.normal(size=(16, 5)).astype(np.float32), generator.normal(size=16).astype(np.float32)


def test_the_matrix_stays_on_disk(model_path: Path) -> None:
    rows = read_fasttext(model_path).rows
    assert isinstance(rows, np.memmap)
    assert not rows.flags.writeable


def test_stock_fasttext_gives_mapped_vectors_for_any_string(
    model_path: Path, stock: Any, load_stock: Any, tmp_path: Path, affine: tuple[Floats, Floats]
) -> None:
    matrix, offset = affine
    vectors = read_fasttext(model_path)
    write_fasttext(vectors, tmp_path / "aligned.bin", matrix=matrix, offset=offset)
    aligned = load_stock(tmp_path / "aligned.bin")
    assert aligned.get_dimension() == 5
    assert aligned.get_words(include_freq=True)[0] == stock.get_words()
    for word in [*UNSEEN, *stock.get_words()[:20]]:
        expected = (stock.get_word_vector(word) - offset) @ matrix
        np.testing.assert_allclose(aligned.get_word_vector(word), expected, atol=1e-5)
    assert [path.name for path in tmp_path.iterdir()] == ["aligned.bin"]


def test_blocks_make_no_difference(
    model_path: Path, tmp_path: Path, affine: tuple[Floats, Floats], monkeypatch: pytest.MonkeyPatch
) -> None:
    matrix, offset = affine
    vectors = read_fasttext(model_path)
    monkeypatch.setattr("translator.formats.fasttext._BLOCK", 97)
    write_fasttext(vectors, tmp_path / "aligned.bin", matrix=matrix, offset=offset)
    expected = (vectors.rows - offset) @ matrix
    np.testing.assert_allclose(read_fasttext(tmp_path / "aligned.bin").rows, expected, atol=1e-5)


def test_without_a_map_everything_comes_back(model_path: Path, tmp_path: Path) -> None:
    vectors = read_fasttext(model_path)
    write_fasttext(vectors, tmp_path / "same.bin")
    again = read_fasttext(tmp_path / "same.bin")
    assert (again.words, again.training) == (vectors.words, vectors.training)
    assert (again.minn, again.maxn, again.bucket) == (vectors.minn, vectors.maxn, vectors.bucket)
    np.testing.assert_array_equal(again.counts, vectors.counts)
    np.testing.assert_array_equal(again.rows, vectors.rows)


def test_a_model_can_be_written_over_itself(model_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(model_path.read_bytes())
    rows = np.array(read_fasttext(path).rows)
    write_fasttext(read_fasttext(path), path, matrix=np.float32(2) * np.eye(16, dtype=np.float32))
    np.testing.assert_allclose(read_fasttext(path).rows, 2 * rows)


def test_a_supervised_model_is_written_as_vectors(train: Any, load_stock: Any, tmp_path: Path) -> None:
    text = tmp_path / "labelled.txt"
    text.write_text("__label__good nice café\n__label__bad awful мир\n" * 50, "utf-8")
    supervised = train(
        "train_supervised", text, dim=8, minn=2, maxn=3, bucket=100, wordNgrams=2, loss="hs", minCount=1
    )
    supervised.save_model(str(tmp_path / "supervised.bin"))
    vectors = read_fasttext(tmp_path / "supervised.bin")
    assert not any("__label__" in word for word in vectors.words)
    write_fasttext(vectors, tmp_path / "plain.bin")
    plain = load_stock(tmp_path / "plain.bin")
    for word in ("nice", "awfully", "мирный"):
        np.testing.assert_allclose(plain.get_word_vector(word), supervised.get_word_vector(word), atol=1e-6)


@pytest.mark.parametrize(
    "how", [{"model": "cbow", "loss": "hs", "maxn": 3}, {"model": "skipgram", "loss": "softmax", "maxn": 0}]
)
def test_every_way_of_training_is_written_so_that_it_loads(
    train: Any, load_stock: Any, tmp_path: Path, affine: tuple[Floats, Floats], how: dict[str, Any]
) -> None:
    matrix, offset = affine
    (tmp_path / "text.txt").write_text("the café by the river мир\n" * 50, "utf-8")
    original = train(
        "train_unsupervised", tmp_path / "text.txt", dim=16, minn=0, bucket=50, minCount=1, **how
    )
    original.save_model(str(tmp_path / "model.bin"))
    write_fasttext(read_fasttext(tmp_path / "model.bin"), tmp_path / "y.bin", matrix=matrix, offset=offset)
    aligned = load_stock(tmp_path / "y.bin")
    for word in ("café", "мир", "unseen"):
        mapped = (original.get_word_vector(word) - offset) @ matrix
        nothing_to_average = word == "unseen" and not how["maxn"]
        expected = np.zeros(5) if nothing_to_average else mapped
        np.testing.assert_allclose(aligned.get_word_vector(word), expected, atol=1e-5)


@pytest.mark.parametrize("word", ["nul\0nul", "\ud800"])
def test_a_word_that_the_dictionary_cannot_hold_is_refused(tmp_path: Path, word: str) -> None:
    vectors = SubwordVectors([word], np.ones(1, np.int64), np.ones((1, 2), np.float32), 0, 0, 0)
    with pytest.raises(DataError, match="cannot be stored"):
        write_fasttext(vectors, tmp_path / "x.bin")
    assert not list(tmp_path.iterdir())


def test_words_that_are_not_utf8_keep_their_bytes(tmp_path: Path) -> None:
    broken = b"caf\xe9".decode("utf-8", "surrogateescape")
    vectors = SubwordVectors([broken], np.ones(1, np.int64), np.ones((1, 2), np.float32), 0, 0, 0)
    write_fasttext(vectors, tmp_path / "x.bin")
    assert read_fasttext(tmp_path / "x.bin").words == [broken]


@pytest.mark.parametrize(
    ("matrix", "offset"),
    [(np.zeros((15, 4)), None), (np.zeros(16), None), (None, np.zeros(15)), (np.eye(16), np.zeros((1, 16)))],
)
def test_a_map_of_the_wrong_shape_is_refused(
    model_path: Path, tmp_path: Path, matrix: Floats | None, offset: Floats | None
) -> None:
    with pytest.raises(DataError, match="does not fit vectors of 16 dimensions"):
        write_fasttext(read_fasttext(model_path), tmp_path / "x.bin", matrix=matrix, offset=offset)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("cutoff", [0, 500])
def test_quantised_models_are_refused_with_a_reason(train: Any, tmp_path: Path, cutoff: int) -> None:
    text = tmp_path / "labelled.txt"
    lines = [f"__label__{i % 2} " + " ".join(f"w{(i * k) % 300}" for k in range(1, 9)) for i in range(600)]
    text.write_text("\n".join(lines), "utf-8")
    model = train("train_supervised", text, dim=8, minn=2, maxn=3, bucket=1000, minCount=1)
    model.quantize(**({"input": str(text), "cutoff": cutoff} if cutoff else {}))
    model.save_model(str(tmp_path / "model.ftz"))
    with pytest.raises(FormatError, match="pruned" if cutoff else "quantised") as caught:
        read_fasttext(tmp_path / "model.ftz")
    assert "Use the .bin" in caught.value.hint


def matrix_offset(path: Path) -> int:
    rows = read_fasttext(path).rows
    assert isinstance(rows, np.memmap)
    return rows.offset


PARTS = ["magic", "arguments", "sizes", "dictionary", "matrix", "output", "last byte"]


@pytest.mark.parametrize("part", PARTS)
def test_a_model_cut_off_anywhere_is_refused(model_path: Path, tmp_path: Path, part: str) -> None:
    content = model_path.read_bytes()
    rows = matrix_offset(model_path)
    place = {
        "magic": 6,
        "arguments": 40,
        "sizes": 70,
        "dictionary": content.index(b"</s>") + 200,
        "matrix": rows + 4000,
        "output": rows + read_fasttext(model_path).rows.nbytes + 8,
        "last byte": len(content) - 1,
    }
    (tmp_path / "cut.bin").write_bytes(content[: place[part]])
    with pytest.raises(FormatError, match="cut off: it has"):
        read_fasttext(tmp_path / "cut.bin")


@pytest.mark.parametrize("content", [b"", b"2 3\nword 1 2 3\n", b"\x00" * 100])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.bin").write_bytes(content)
    with pytest.raises(FormatError, match="not a fastText model"):
        read_fasttext(tmp_path / "x.bin")


def test_other_versions_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(MAGIC + struct.pack("<i", 10) + bytes(100))
    with pytest.raises(FormatError, match="version 10"):
        read_fasttext(tmp_path / "x.bin")


def test_a_matrix_that_does_not_fit_the_vocabulary_is_refused(model_path: Path, tmp_path: Path) -> None:
    content = bytearray(model_path.read_bytes())
    rows = read_fasttext(model_path).rows
    struct.pack_into("<q", content, matrix_offset(model_path) - 16, len(rows) - 1)
    (tmp_path / "x.bin").write_bytes(content)
    with pytest.raises(FormatError, match=re.escape(f"({len(rows) - 1}, 16), expected ({len(rows)}, 16)")):
        read_fasttext(tmp_path / "x.bin")


@pytest.mark.parametrize(
    ("field", "layout"),
    [
        ("dimension", "<i"),
        ("bucket", "<i"),
        ("entries", "<i"),
        ("words", "<i"),
        ("rows", "<q"),
        ("columns", "<q"),
    ],
)
@pytest.mark.parametrize("value", [0, -1, 2**31 - 1, 2**62])
def test_absurd_sizes_are_refused_without_taking_memory(
    model_path: Path, tmp_path: Path, field: str, layout: str, value: int
) -> None:
    content = bytearray(model_path.read_bytes())
    vectors, matrix = read_fasttext(model_path), matrix_offset(model_path)
    place, true = {
        "dimension": (8, 16),
        "bucket": (40, 2000),
        "entries": (64, len(vectors)),
        "words": (68, len(vectors)),
        "rows": (matrix - 16, len(vectors.rows)),
        "columns": (matrix - 8, 16),
    }[field]
    assert struct.unpack_from(layout, content, place) == (true,)
    value = min(value, 2 ** (8 * struct.calcsize(layout) - 1) - 1)
    struct.pack_into(layout, content, place, value)
    (tmp_path / "x.bin").write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(FormatError):
            read_fasttext(tmp_path / "x.bin")
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_there_is_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_fasttext(tmp_path / "none.bin")
