"""Static models of model2vec: which tokens are words, and which row each has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from translator.errors import DataError, FormatError
from translator.formats import load_vectors

MATRIX = np.arange(1, 13, dtype=np.float32).reshape(6, 2)
PIECES = {"[UNK]": 0, "[PAD]": 1, "the": 2, "##ing": 3, "New York": 4, "été": 5}
WORD_PIECE = {"type": "WordPiece", "vocab": PIECES}
SCORED = [["<s>", 0], ["<unk>", 0], ["▁the", -1], ["ing", -2], ["▁été", -3], ["▁", -4]]
UNIGRAM = {"type": "Unigram", "vocab": SCORED}
BYTE_LEVEL = {"type": "BPE", "vocab": {"<s>": 0, "<unk>": 1, "Ġthe": 2, "ing": 3, "ĠÃ©tÃ©": 4, "ĠÃ": 5}}
MALTESE = {"type": "WordLevel", "vocab": {"[UNK]": 0, "Ġesù": 2, "the": 1}}
SPECIAL = ("[UNK]", "[PAD]", "<s>", "<unk>")


def model(folder: Path, vocabulary: dict[str, Any], **tensors: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    save_file({"embeddings": MATRIX, **tensors}, folder / "model.safetensors")
    added = [{"id": number, "content": token, "special": True} for number, token in enumerate(SPECIAL)]
    content = {"added_tokens": added, "model": vocabulary}
    (folder / "tokenizer.json").write_text(json.dumps(content), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("vocabulary", "words", "rows"),
    [
        (WORD_PIECE, ["the", "New York", "été"], [2, 4, 5]),
        (UNIGRAM, ["the", "été"], [2, 4]),
        (BYTE_LEVEL, ["the", "été"], [2, 4]),
        (MALTESE, ["the", "Ġesù"], [1, 2]),
    ],
)
def test_whole_words_are_kept(
    tmp_path: Path, vocabulary: dict[str, Any], words: list[str], rows: list[int]
) -> None:
    vectors = load_vectors(model(tmp_path / "m", vocabulary)).table()
    assert list(vectors.words) == words and vectors.path == tmp_path / "m" / "model.safetensors"
    np.testing.assert_array_equal(vectors.matrix, MATRIX[rows])
    assert list(load_vectors(tmp_path / "m" / "model.safetensors", limit=1).words) == words[:1]


def test_the_layout_of_sentence_transformers(tmp_path: Path) -> None:
    model(tmp_path / "0_StaticEmbedding", MALTESE)
    save_file({"embedding.weight": MATRIX}, tmp_path / "0_StaticEmbedding" / "model.safetensors")
    assert list(load_vectors(tmp_path).words) == ["the", "Ġesù"]


def test_tokens_may_share_rows_and_rows_may_be_integers(tmp_path: Path) -> None:
    mapping = np.array([0, 3, 3], np.int64)
    model(tmp_path, MALTESE, embeddings=MATRIX.astype(np.int8), mapping=mapping)
    np.testing.assert_array_equal(load_vectors(tmp_path).table().matrix, MATRIX[[3, 3]])


def test_what_is_refused(tmp_path: Path) -> None:
    model(tmp_path / "m", {"type": "WordLevel", "vocab": {"a": 0, "b": 6}})
    with pytest.raises(FormatError, match=r"vectors of shape \(6, 2\) for 2 tokens of tokenizer.json"):
        load_vectors(tmp_path / "m")
    for content in (
        "{}",
        '{"model": {"vocab": 5}}',
        '{"model": {"vocab": {"a": "b"}}}',
        '{"model": {"vocab": [5]}}',
    ):
        (tmp_path / "m" / "tokenizer.json").write_text(content)
        with pytest.raises(FormatError, match=r"no vocabulary, expected model\.vocab"):
            load_vectors(tmp_path / "m")
    (tmp_path / "m" / "tokenizer.json").unlink()
    with pytest.raises(FormatError, match=r"there is no tokenizer\.json next to them"):
        load_vectors(tmp_path / "m" / "model.safetensors")
    with pytest.raises(DataError, match="is a folder, expected a file, or a model of model2vec"):
        load_vectors(tmp_path / "m")
