"""Compact copies of fastText models: near the original for any word, small, and refused when damaged."""

from __future__ import annotations

import json
import random
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from safetensors.numpy import load_file, save_file

from translator.errors import DataError, FormatError
from translator.formats import load_vectors, save_compact, save_vectors
from translator.vectors import Floats, WordVectors
from translator.vectors.subword import SubwordVectors, TrainingArguments

SEEN = ["the", "house", "naïve", "дерево", "東京"]
UNSEEN = ["houses", "théâtre", "лесной", "京都", "☃"]
TRAINING = TrainingArguments(ws=3, loss=1, t=0.5, tokens=1 << 40)


def model(rows: Floats, words: list[str], **how: Any) -> SubwordVectors:
    counts = np.arange(len(words), 0, -1)
    return SubwordVectors(words, counts, rows, 3, 6, len(rows) - len(words), **how)


@pytest.fixture
def vectors() -> SubwordVectors:
    rng = np.random.default_rng(0)
    lengths = rng.lognormal(size=(205, 1))
    return model((rng.normal(size=(205, 30)) * lengths).astype(np.float32), SEEN, training=TRAINING)


def cosines(left: Floats, right: Floats) -> Floats:
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    found: Floats = (left * right).sum(axis=1) / lengths
    return found


def test_there_and_back(vectors: SubwordVectors, tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    save_compact(vectors, path)
    again = load_vectors(path)
    assert isinstance(again, SubwordVectors)
    assert (list(again.words), again.path) == (SEEN, path)
    assert (again.minn, again.maxn, again.bucket, again.training) == (3, 6, 200, TRAINING)
    np.testing.assert_array_equal(again.counts, vectors.counts)
    assert again.rows.dtype == np.float32
    assert cosines(again.embed(SEEN + UNSEEN), vectors.embed(SEEN + UNSEEN)).min() > 0.999


def test_a_trained_model_stays_what_it_was(model_path: Path, tmp_path: Path) -> None:
    original = load_vectors(model_path)
    assert isinstance(original, SubwordVectors)
    save_compact(original, tmp_path / "x.safetensors")
    again = load_vectors(tmp_path / "x.safetensors")
    words = [*original.words, *UNSEEN]
    assert cosines(again.embed(words), original.embed(words)).min() > 0.999
    save_vectors(again, tmp_path / "again.bin")
    np.testing.assert_array_equal(load_vectors(tmp_path / "again.bin").embed(words), again.embed(words))


def test_it_takes_a_quarter_of_the_bytes(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(3000, 300)).astype(np.float32)
    save_compact(model(rows, SEEN), tmp_path / "x.safetensors")
    assert (tmp_path / "x.safetensors").stat().st_size < 0.26 * rows.nbytes


numbers = st.floats(-(2.0**126), 2.0**126, width=32)


@settings(max_examples=50)
@given(rows=arrays(np.float32, (4, 3), elements=numbers))
def test_no_number_is_off_by_more_than_half_a_step(
    rows: Floats, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("compact") / "x.safetensors"
    save_compact(model(rows, ["a", "b"]), path)
    largest = np.abs(rows.astype(np.float64)).max(axis=1, keepdims=True)
    denormal = 127 * 1.5e-45  # where float32 itself has no finer steps
    assert (np.abs(load_vectors(path).rows - rows.astype(np.float64)) <= largest / 253 + denormal).all()


def test_a_limit_drops_rows_of_words_but_no_bucket(vectors: SubwordVectors, tmp_path: Path) -> None:
    save_compact(vectors, tmp_path / "x.safetensors", limit=2)
    again = load_vectors(tmp_path / "x.safetensors")
    assert isinstance(again, SubwordVectors)
    assert list(again.words) == SEEN[:2]
    assert again.bucket == vectors.bucket
    without = model(np.concatenate([vectors.rows[:2], vectors.rows[5:]]), SEEN[:2])
    assert cosines(again.embed(SEEN), without.embed(SEEN)).min() > 0.999
    with pytest.raises(DataError, match="first 0 words"):
        save_compact(vectors, tmp_path / "x.safetensors", limit=0)


def test_words_that_are_not_utf8_keep_only_their_ngrams(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(40, 8)).astype(np.float32)
    save_compact(model(rows, ["a", "caf\udce9", "b"]), tmp_path / "x.safetensors")
    again = load_vectors(tmp_path / "x.safetensors")
    assert (list(again.words), list(again.counts), again.bucket) == (["a", "b"], [3, 1], 37)
    assert cosines(again.rows, rows[[0, *range(2, 40)]]).min() > 0.999


def test_a_memory_map_is_not_changed(model_path: Path, tmp_path: Path) -> None:
    before = model_path.read_bytes()
    original = load_vectors(model_path)
    assert isinstance(original, SubwordVectors)
    save_compact(original, tmp_path / "x.safetensors")
    assert model_path.read_bytes() == before


@pytest.mark.parametrize("value", [np.nan, np.inf, -3e38])
def test_a_damaged_model_is_refused(vectors: SubwordVectors, tmp_path: Path, value: float) -> None:
    vectors.rows[100, 3] = value
    with pytest.raises(DataError, match="row 100 of the model is not finite"):
        save_compact(vectors, tmp_path / "x.safetensors")
    assert not list(tmp_path.iterdir())


def test_plain_vectors_are_distinguished(vectors: SubwordVectors, tmp_path: Path) -> None:
    save_vectors(vectors, tmp_path / "table.safetensors")
    save_compact(vectors, tmp_path / "compact.safetensors")
    assert isinstance(load_vectors(tmp_path / "table.safetensors"), WordVectors)
    assert isinstance(load_vectors(tmp_path / "compact.safetensors"), SubwordVectors)


def packed(text: str) -> Any:
    return np.frombuffer(bytearray(text, "utf-8"), np.uint8)


def save(path: Path, metadata: dict[str, str | None], **changes: Any) -> Path:
    """A right file of two words and three buckets, but for these changes; None leaves something out."""
    tensors = {
        "rows": np.ones((5, 4), np.int8),
        "scales": np.ones(5, np.float32),
        "words": packed("a\nb"),
        "counts": np.array([2, 1]),
        **changes,
    }
    training = json.dumps(dict.fromkeys(vars(TrainingArguments()), 1) | {"t": 0.1})
    said = {"minn": "3", "maxn": "6", "training": training, **metadata}
    save_file(
        {name: tensor for name, tensor in tensors.items() if tensor is not None},
        path,
        {name: value for name, value in said.items() if value is not None},
    )
    return path


def test_the_file_that_the_next_tests_change_is_right(tmp_path: Path) -> None:
    vectors = load_vectors(save(tmp_path / "x.safetensors", {}))
    assert (list(vectors.words), vectors.bucket, vectors.training.t) == (["a", "b"], 3, 0.1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"words": None}, "has no tensor 'words'"),
        ({"counts": None}, "has no tensor 'counts'"),
        ({"rows": np.ones((5, 4), np.float32)}, "'rows' is float32"),
        ({"rows": np.ones(5, np.int8)}, r"'rows' is int8 of shape \(5,\)"),
        ({"scales": np.ones(4, np.float32)}, "4 scales, expected"),
        ({"scales": np.ones((5, 1), np.float32)}, r"'scales' is float32 of shape \(5, 1\)"),
        ({"scales": np.array([1, 1, np.nan, 1, 1], np.float32)}, "a scale is negative or not finite"),
        ({"scales": np.array([1, 1, -1, 1, 1], np.float32)}, "a scale is negative or not finite"),
        ({"scales": np.array([1, 1, 3e38, 1, 1], np.float32)}, "a scale is negative or not finite"),
        ({"counts": np.ones(3, np.int64)}, "2 words, 3 counts"),
        ({"counts": np.ones(2)}, "'counts' is float64"),
        ({"words": packed("a\nb\nc")}, "3 words, 2 counts"),
        ({"words": packed("a\na")}, "'a' occurs more than once"),
        ({"words": packed("")}, "no vectors"),
        ({"words": np.array([97, 10, 255], np.uint8)}, "not UTF-8"),
        ({"words": packed("a\nb\nc\nd\ne\nf"), "counts": np.ones(6, np.int64)}, "6 counts, 5 rows"),
    ],
)
def test_other_tensors_are_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        load_vectors(save(tmp_path / "x.safetensors", {}, **changes))


TRAINED = dict.fromkeys(vars(TrainingArguments()), 1) | {"t": 0.1}


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"minn": None}, "'minn', 'maxn' or 'training' is missing"),
        ({"maxn": "six"}, "is missing or not JSON"),
        ({"maxn": "9" * 5000}, "is missing or not JSON"),
        ({"training": "[" * 100_000}, "is missing or not JSON"),
        ({"minn": "-1"}, "'minn' cannot be -1"),
        ({"minn": "2.5"}, r"'minn' cannot be 2\.5"),
        ({"maxn": "true"}, "'maxn' cannot be True"),
        ({"maxn": "2147483648"}, "'maxn' cannot be 2147483648"),
        ({"training": "[]"}, "'training' does not name ws, epoch"),
        ({"training": json.dumps(TRAINED | {"more": 1})}, "'training' does not name"),
        ({"training": json.dumps(TRAINED | {"ws": None})}, "'ws' cannot be None"),
        ({"training": json.dumps(TRAINED | {"t": float("nan")})}, "'t' cannot be nan"),
        ({"training": json.dumps(TRAINED | {"tokens": 1 << 63})}, "'tokens' cannot be"),
    ],
)
def test_other_metadata_are_refused(tmp_path: Path, metadata: dict[str, str | None], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        load_vectors(save(tmp_path / "x.safetensors", metadata))


def test_a_file_without_metadata_is_refused(tmp_path: Path) -> None:
    save_file(load_file(save(tmp_path / "x.safetensors", {})), tmp_path / "y.safetensors")
    with pytest.raises(FormatError, match="'training' is missing"):
        load_vectors(tmp_path / "y.safetensors")


@pytest.mark.parametrize("keep", [9, 60, -20])
def test_files_cut_off_are_refused(vectors: SubwordVectors, tmp_path: Path, keep: int) -> None:
    path = tmp_path / "x.safetensors"
    save_compact(vectors, path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(FormatError, match="cannot be read as"):
        load_vectors(path)


def test_damaged_bytes_are_never_more_than_refused(vectors: SubwordVectors, tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    save_compact(vectors, path)
    whole, generator, refusals = path.read_bytes(), random.Random(0), 0
    header = 8 + struct.unpack("<Q", whole[:8])[0]
    for trial in range(400):
        damaged = bytearray(whole)
        damaged[generator.randrange(header if trial % 2 else len(whole))] ^= generator.randrange(1, 256)
        path.write_bytes(damaged)
        try:
            load_vectors(path).embed(SEEN + UNSEEN)
        except FormatError:
            refusals += 1
    assert refusals > 100
