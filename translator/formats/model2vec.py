"""Read model2vec's static models: token vectors in ``.safetensors``, tokens in ``tokenizer.json`` next to it.

The layouts are those of model2vec and of sentence-transformers' StaticEmbedding. Of the tokens, whole words
are kept: no special tokens, and no parts of words.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from translator.errors import FormatError
from translator.files import read_json
from translator.formats.arrays import Arrays, checked
from translator.vectors import WordVectors

FILE, TOKENIZER = "model.safetensors", "tokenizer.json"
FOLDERS = (".", "0_StaticEmbedding")  # where the two are in a model's folder
_EMBEDDINGS = ("embeddings", "embedding.weight")
_SENTENCE_PIECE, _BYTE_LEVEL = "▁", "Ġ"  # the space before a word in SentencePiece and in byte-level BPE
_CONTINUES = "##"  # of WordPiece: the token continues a word


def model_file(folder: Path) -> Path | None:
    """Return the file of the vectors in the folder of a static model, or None if there is none."""
    files = (folder / name / FILE for name in FOLDERS)
    return next((file for file in files if file.is_file() and (file.parent / TOKENIZER).is_file()), None)


def is_static(tensors: Arrays) -> bool:
    """Return whether tensors belong to a static model, by their names."""
    return any(name in tensors for name in _EMBEDDINGS)


def vectors_of_tokens(file: Path, tensors: Arrays, limit: int | None) -> WordVectors:
    """Return the vectors of the tokens that are whole words, in the order of the vocabulary.

    :param file: where the tensors come from.
    :raises FormatError: there is no tokenizer next to the file, or it does not fit the tensors.
    """
    tokenizer = file.parent / TOKENIZER
    if not tokenizer.is_file():
        raise FormatError(
            f"{file}: vectors of tokens, but there is no {TOKENIZER} next to them", f"Copy {TOKENIZER} there."
        )
    rows = next(tensors[name] for name in _EMBEDDINGS if name in tensors)
    tokens = _tokens(tokenizer)
    numbers = np.array(list(tokens.values()), np.int64)
    if "mapping" in tensors and len(numbers) and numbers.max() < len(tensors["mapping"]):
        numbers = tensors["mapping"][numbers]
    if rows.ndim != 2 or rows.dtype.kind not in "fi" or not len(numbers) or numbers.max() >= len(rows):
        raise FormatError(
            f"{file}: vectors of shape {rows.shape} for {len(numbers):,} tokens of {tokenizer.name}",
            "Copy both from the same model.",
        )
    return checked(file, list(tokens), rows[numbers].astype(np.float32), limit)


def _tokens(file: Path) -> dict[str, int]:
    """Return the tokens that are whole words, and their numbers, in the order of the numbers."""
    content = read_json(file)
    try:
        vocabulary = content["model"]["vocab"]
        if isinstance(vocabulary, list):  # of Unigram: pairs of token and score
            vocabulary = {token: number for number, (token, *_) in enumerate(vocabulary)}
        special = {token["content"] for token in content.get("added_tokens", ()) if token.get("special")}
        special.add(content["model"].get("unk_token"))
        ordered = sorted(((int(number), str(token)) for token, number in vocabulary.items()))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise FormatError(f"{file}: no vocabulary, expected model.vocab", "Save the model again.") from None
    tokens = {token: number for number, token in ordered if token not in special and token}
    return _whole_words(tokens, byte_level=content["model"].get("type") == "BPE")


def _whole_words(tokens: Mapping[str, int], byte_level: bool) -> dict[str, int]:
    """Return the tokens that are whole words, without the sign that starts a word."""
    start = next((token[0] for token in tokens if token.startswith(_SENTENCE_PIECE)), "")
    start = start or (_BYTE_LEVEL if byte_level else "")
    if not start:
        return {token: number for token, number in tokens.items() if not token.startswith(_CONTINUES)}
    words = {token[1:]: number for token, number in tokens.items() if token.startswith(start) and token[1:]}
    if start == _SENTENCE_PIECE:
        return words
    return {spelled: number for word, number in words.items() if (spelled := _bytes_spelled(word))}


def _bytes_spelled(token: str) -> str:
    """Return the text of a token of byte-level BPE, which writes each byte as a letter (as GPT-2 does)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    byte_of = {chr(byte): byte for byte in plain} | {chr(256 + n): byte for n, byte in enumerate(others)}
    try:
        return bytes(byte_of[letter] for letter in token).decode()
    except (KeyError, UnicodeDecodeError):
        return ""
