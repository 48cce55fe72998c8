"""Read fastText's ``.bin`` with its subwords, and write it with every row mapped.

The layout (version 12 of the format; little-endian) is: magic number and version; the training arguments;
the dictionary, each entry a NUL-terminated word, its count and its kind; the input matrix, with a row for
each word and each n-gram bucket; the output matrix, used only for prediction and further training.
"""

from __future__ import annotations

import mmap
import os
import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from translator.errors import DataError, FormatError
from translator.files import existing
from translator.vectors import Floats, Indices
from translator.vectors.subword import SubwordVectors, TrainingArguments
from translator.writing import replacing

MAGIC = struct.pack("<i", 793712314)
_VERSION = 12
_OLDEST = 11  # earlier files have no magic number either
_ARGUMENTS = "<12id"
_SIZES = "<iiiqq"  # entries, words, labels, tokens, pruned n-grams
_COUNT = "<q?"  # after the word of an entry: occurrences, and whether it is a label
_MATRIX = "<?qq"  # quantised, rows, columns
_SUPERVISED, _SKIPGRAM, _NEGATIVE_SAMPLING = 3, 2, 2
_BLOCK = 1 << 14  # rows mapped at once
_USE_BIN = (
    "Quantised and pruned models have no exact rows that could be mapped. Use the .bin file from which the"
    " model was made."
)
_DAMAGED = "The file is damaged, or its model was reduced: use the original .bin file."


def read_fasttext(path: str | os.PathLike[str]) -> SubwordVectors:
    """Read a fastText model.

    Its input matrix stays on disk, as a read-only memory map. Labels of a supervised model are left out.

    :raises FormatError: the file is not a fastText model, or is too old, quantised, pruned or cut off.
    """
    file = existing(path)
    with file.open("rb") as stream:
        if stream.read(4) != MAGIC:
            raise FormatError(
                f"{file}: not a fastText model: it does not begin with fastText's magic number",
                "If it is an older model, use the .vec file that fastText wrote together with it.",
            )
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return _read(_Cursor(file, content))


class _Cursor:
    """Reads a file from front to back."""

    def __init__(self, path: Path, content: mmap.mmap) -> None:
        self.path, self.content, self.position = path, content, len(MAGIC)

    def take(self, layout: str) -> tuple[Any, ...]:
        """Read values in a layout of :mod:`struct`."""
        if self.position + struct.calcsize(layout) > len(self.content):
            raise self.cut_off()
        values = struct.unpack_from(layout, self.content, self.position)
        self.position += struct.calcsize(layout)
        return values

    def take_string(self) -> bytes:
        """Read bytes up to the next NUL."""
        end = self.content.find(b"\0", self.position)
        if end < 0:
            raise self.cut_off()
        text = self.content[self.position : end]
        self.position = end + 1
        return text

    def skip_matrix(self) -> tuple[int, tuple[int, int]]:
        """Skip a matrix; return the position of its first number, and its shape."""
        quantised, rows, columns = self.take(_MATRIX)
        if quantised:
            raise FormatError(f"{self.path}: a quantised fastText model (.ftz), expected a .bin", _USE_BIN)
        start = self.position
        self.position += 4 * rows * columns
        if self.position > len(self.content):
            raise self.cut_off(self.position)
        return start, (rows, columns)

    def cut_off(self, needed: int | None = None) -> FormatError:
        expected = f"at least {needed:,}" if needed else "more"
        return FormatError(
            f"{self.path}: cut off: it has {len(self.content):,} bytes, expected {expected}",
            "Download or copy the file again.",
        )


def _read(cursor: _Cursor) -> SubwordVectors:
    (version,) = cursor.take("<i")
    if not _OLDEST <= version <= _VERSION:
        raise FormatError(
            f"{cursor.path}: version {version} of fastText's format, expected {_OLDEST} or {_VERSION}",
            "Open the model with fastText 0.9 and save it again, or save its vectors as a .vec file.",
        )
    dimension, ws, epoch, min_count, neg, word_ngrams, loss, model, bucket, minn, maxn, rate, t = cursor.take(
        _ARGUMENTS
    )
    if dimension < 1 or bucket < 0:
        raise FormatError(
            f"{cursor.path}: the header says {dimension} dimensions and {bucket} n-gram buckets,"
            " expected at least 1 and 0",
            _DAMAGED,
        )
    if version == _OLDEST and model == _SUPERVISED:
        maxn = 0  # these models were trained without n-grams, whatever their arguments say
    words, counts, tokens = _read_dictionary(cursor)
    (start, shape), expected = cursor.skip_matrix(), (len(words) + bucket, dimension)
    if shape != expected:
        raise FormatError(f"{cursor.path}: an input matrix of shape {shape}, expected {expected}", _DAMAGED)
    cursor.skip_matrix()  # the output matrix, only to check that the file is complete
    rows: Floats = np.memmap(cursor.path, "<f4", "r", start, shape)
    training = TrainingArguments(ws, epoch, min_count, neg, word_ngrams, loss, model, rate, t, tokens)
    return SubwordVectors(words, counts, rows, minn, maxn, bucket, training, cursor.path)


def _read_dictionary(cursor: _Cursor) -> tuple[list[str], Indices, int]:
    """Return the words, their counts, and the number of training tokens."""
    entries, words, _, tokens, pruned = cursor.take(_SIZES)
    smallest = cursor.position + entries * (1 + struct.calcsize(_COUNT))  # if every word were empty
    if smallest > len(cursor.content):
        raise cursor.cut_off(smallest)
    vocabulary, counts = [], []
    for _ in range(entries):
        word = cursor.take_string()
        count, is_label = cursor.take(_COUNT)
        if not is_label:
            vocabulary.append(word.decode("utf-8", "surrogateescape"))
            counts.append(count)
    if not vocabulary or len(vocabulary) != words:
        raise FormatError(f"{cursor.path}: {len(vocabulary)} words, but the header says {words}", _DAMAGED)
    if pruned >= 0:
        raise FormatError(
            f"{cursor.path}: a pruned fastText model with {pruned} n-grams, expected one with all", _USE_BIN
        )
    return vocabulary, np.array(counts, np.int64), tokens


def write_fasttext(
    vectors: SubwordVectors,
    path: str | os.PathLike[str],
    *,
    matrix: Floats | None = None,
    offset: Floats | None = None,
) -> None:
    """Write a model that fastText itself loads, with every input row mapped to ``(row - offset) @ matrix``.

    The vector of any string is mapped exactly: it is a mean of rows, and the mean of mapped rows equals the
    mapped mean. (A string without any row keeps its zero vector.)

    The model gives vectors only. Do not predict with it or train it further: its output matrix is one zero
    row. A supervised model is written as skip-gram, without its labels.

    :param matrix: float32 [d, d']; d' may differ from d. None for the identity.
    :param offset: float32 [d]; None for zeros.
    :raises DataError: the shapes do not fit the vectors, or a word cannot be stored.

    >>> import tempfile
    >>> rows = np.ones((11, 2), np.float32)
    >>> vectors = SubwordVectors(["cat"], np.array([5]), rows, minn=3, maxn=6, bucket=10)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_fasttext(vectors, f"{folder}/doubled.bin", matrix=2 * np.eye(2, dtype=np.float32))
    ...     read_fasttext(f"{folder}/doubled.bin").rows[0].tolist()
    [2.0, 2.0]
    """
    d = vectors.dimension
    if (matrix is not None and (matrix.ndim != 2 or len(matrix) != d)) or (
        offset is not None and offset.shape != (d,)
    ):
        shapes = " and ".join(str(array.shape) for array in (matrix, offset) if array is not None)
        raise DataError(f"a map of shape {shapes} does not fit vectors of {d} dimensions")
    width = d if matrix is None else matrix.shape[1]
    with replacing(path) as draft, draft.open("wb") as stream:
        _write_head(stream, vectors, width)
        stream.write(struct.pack(_MATRIX, False, len(vectors.rows), width))
        for start in range(0, len(vectors.rows), _BLOCK):
            rows = np.asarray(vectors.rows[start : start + _BLOCK])
            rows = rows if offset is None else rows - offset
            rows = rows if matrix is None else rows @ matrix
            stream.write(np.ascontiguousarray(rows, "<f4").data)
        stream.write(struct.pack(_MATRIX, False, 1, width) + bytes(4 * width))


def _write_head(stream: BinaryIO, vectors: SubwordVectors, dimension: int) -> None:
    """Write everything before the input matrix."""
    arguments = vectors.training
    loss, model = arguments.loss, arguments.model
    if model == _SUPERVISED:  # fastText builds its output layer for labels, which are not kept
        loss, model = _NEGATIVE_SAMPLING, _SKIPGRAM
    counts = (arguments.ws, arguments.epoch, arguments.min_count, arguments.neg, arguments.word_ngrams)
    rates = (arguments.lr_update_rate, arguments.t)
    subwords = (vectors.bucket, vectors.minn, vectors.maxn)
    stream.write(MAGIC + struct.pack("<i", _VERSION))
    stream.write(struct.pack(_ARGUMENTS, dimension, *counts, loss, model, *subwords, *rates))
    stream.write(struct.pack(_SIZES, len(vectors), len(vectors), 0, arguments.tokens, -1))
    for word, count in zip(vectors.words, vectors.counts.tolist(), strict=True):
        stream.write(_entry(word, count))


def _entry(word: str, count: int) -> bytes:
    try:
        text = word.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise DataError(f"the word {word!r} cannot be stored: it is not valid Unicode") from None
    if b"\0" in text:
        raise DataError(f"the word {word!r} cannot be stored: it contains a NUL")
    return text + b"\0" + struct.pack(_COUNT, count, False)
