"""fastText's ``.bin``: read with its subwords, and written with every row mapped.

The layout (version 12 of the format; little-endian): magic and version; the training arguments; the
dictionary, a NUL-ended word, its count and its kind an entry; the input matrix, a row for each word and
each n-gram bucket; the output matrix, which serves only prediction and further training.
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
_OLDEST = 11  # earlier files have no magic either
_ARGUMENTS = "<12id"
_SIZES = "<iiiqq"  # entries, words, labels, tokens, pruned n-grams
_COUNT = "<q?"  # of an entry, after its word: occurrences, whether it is a label
_MATRIX = "<?qq"  # quantised, rows, columns
_SUPERVISED, _SKIPGRAM, _NEGATIVE_SAMPLING = 3, 2, 2
_BLOCK = 1 << 14  # rows mapped at once
_USE_BIN = (
    "Quantised and pruned models cannot be aligned: their rows are codes into a shared table,"
    " and a map would have to be rounded to it again. Use the .bin file the model was made from."
)
_DAMAGED = "The file is damaged, or its model was cut down: use the original .bin file."


def read_fasttext(path: str | os.PathLike[str]) -> SubwordVectors:
    """Read a fastText model; its input matrix stays on disk, as a read-only memory map.

    Labels of a supervised model are left out.

    :raises FormatError: the file is no fastText model, too old, quantised, pruned, or cut off.
    """
    file = existing(path)
    with file.open("rb") as stream:
        if stream.read(4) != MAGIC:
            raise FormatError(
                f"{file}: not a fastText model: it does not begin with fastText's magic number",
                "Models made before fastText 0.1 have none: open and save them with a newer fastText.",
            )
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return _read(_Cursor(file, content))


class _Cursor:
    """A place in the file, which moves on with what is read."""

    def __init__(self, path: Path, content: mmap.mmap) -> None:
        self.path, self.content, self.place = path, content, len(MAGIC)

    def take(self, layout: str) -> tuple[Any, ...]:
        """Values at this place; the layout is one of :mod:`struct`."""
        if self.place + struct.calcsize(layout) > len(self.content):
            raise self.cut_off()
        values = struct.unpack_from(layout, self.content, self.place)
        self.place += struct.calcsize(layout)
        return values

    def take_string(self) -> bytes:
        """Bytes up to the next NUL."""
        end = self.content.find(b"\0", self.place)
        if end < 0:
            raise self.cut_off()
        text = self.content[self.place : end]
        self.place = end + 1
        return text

    def take_matrix(self) -> tuple[int, tuple[int, int]]:
        """Place and shape of a matrix, which is passed over."""
        quantised, rows, columns = self.take(_MATRIX)
        if quantised:
            raise FormatError(f"{self.path}: a quantised fastText model (.ftz)", _USE_BIN)
        start = self.place
        self.place += 4 * rows * columns
        if self.place > len(self.content):
            raise self.cut_off(self.place)
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
            f"{cursor.path}: version {version} of fastText's format; {_OLDEST} and {_VERSION} can be read",
            "Save the model anew with fastText 0.9, or as a .vec file.",
        )
    dimension, ws, epoch, min_count, neg, word_ngrams, loss, model, bucket, minn, maxn, rate, t = cursor.take(
        _ARGUMENTS
    )
    if dimension < 1 or bucket < 0:
        raise FormatError(
            f"{cursor.path}: the header says {dimension} dimensions and {bucket} n-gram buckets", _DAMAGED
        )
    if version == _OLDEST and model == _SUPERVISED:
        maxn = 0  # such models were trained without n-grams, whatever their arguments say
    words, counts, tokens = _read_dictionary(cursor)
    (start, shape), expected = cursor.take_matrix(), (len(words) + bucket, dimension)
    if shape != expected:
        raise FormatError(f"{cursor.path}: an input matrix of shape {shape}, expected {expected}", _DAMAGED)
    cursor.take_matrix()  # the output matrix, only to see that the file is whole
    rows: Floats = np.memmap(cursor.path, "<f4", "r", start, shape)
    training = TrainingArguments(ws, epoch, min_count, neg, word_ngrams, loss, model, rate, t, tokens)
    return SubwordVectors(words, counts, rows, minn, maxn, bucket, training, cursor.path)


def _read_dictionary(cursor: _Cursor) -> tuple[list[str], Indices, int]:
    """Words, their counts, and the number of training tokens."""
    entries, words, _, tokens, pruned = cursor.take(_SIZES)
    smallest = cursor.place + entries * (1 + struct.calcsize(_COUNT))  # each an empty word and its NUL
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
        raise FormatError(f"{cursor.path}: a pruned fastText model: {pruned} n-grams are left", _USE_BIN)
    return vocabulary, np.array(counts, np.int64), tokens


def write_fasttext(
    vectors: SubwordVectors,
    path: str | os.PathLike[str],
    *,
    matrix: Floats | None = None,
    offset: Floats | None = None,
) -> None:
    """Write a model that stock fastText loads, every input row as ``(row - offset) @ matrix``.

    A word's vector is the mean of rows, and a mean of mapped rows is the mapped mean, since the offset is
    taken off every row: so any string's vector is mapped exactly. (A string without any row stays zero.)

    The model is for vectors only: its output matrix is one zero row, so do not predict with it or train
    it further. One that was supervised is written as skip-gram, without its labels.

    :param matrix: float32 [d, d']; d' may differ from d. None maps nothing.
    :param offset: float32 [d]; None for none.
    :raises DataError: the shapes do not fit the vectors, or a word cannot be stored.
    """
    d = vectors.dimension
    if (matrix is not None and (matrix.ndim != 2 or len(matrix) != d)) or (
        offset is not None and offset.shape != (d,)
    ):
        raise DataError(f"the map does not fit vectors of {d} dimensions")
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
    """Everything before the input matrix."""
    how = vectors.training
    loss, model = how.loss, how.model
    if model == _SUPERVISED:  # fastText builds its output layer for labels, which are not kept
        loss, model = _NEGATIVE_SAMPLING, _SKIPGRAM
    counts = (how.ws, how.epoch, how.min_count, how.neg, how.word_ngrams)
    subwords = (vectors.bucket, vectors.minn, vectors.maxn)
    stream.write(MAGIC + struct.pack("<i", _VERSION))
    stream.write(
        struct.pack(_ARGUMENTS, dimension, *counts, loss, model, *subwords, how.lr_update_rate, how.t)
    )
    stream.write(struct.pack(_SIZES, len(vectors), len(vectors), 0, how.tokens, -1))
    for word, count in zip(vectors.words, vectors.counts.tolist(), strict=True):
        stream.write(_entry(word, count))


def _entry(word: str, count: int) -> bytes:
    try:
        text = word.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise DataError(f"the word {word!r} cannot be stored: it is no valid Unicode") from None
    if b"\0" in text:
        raise DataError(f"the word {word!r} cannot be stored: it holds a NUL")
    return text + b"\0" + struct.pack(_COUNT, count, False)
