"""Compact copies of fastText models: a ``.safetensors`` with subwords and int8 rows, a quarter of the size.

The tensors are ``rows``, int8 [n + bucket, d], one row for each word, then one for each n-gram bucket;
``scales``, float32 [n + bucket], the factor of each row: its largest absolute number / 127; ``words``,
uint8, the words in UTF-8 joined by line feeds; ``counts``, int64 [n]. The metadata are ``minn``, ``maxn``
and ``training``, as JSON.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

from translator.errors import DataError, FormatError
from translator.formats.arrays import Arrays, pack_words, read_words
from translator.formats.checks import check_distinct
from translator.vectors import Floats, Indices
from translator.vectors.subword import NOT_UTF8, SubwordVectors, TrainingArguments
from translator.writing import replacing

_LEVELS = 127
_LARGEST_SCALE = np.float32(1e36)  # the largest scale with which no number of a row overflows
_BLOCK = 1 << 14  # rows rounded at once
_DAMAGED = "The file is damaged or made by another program: write it again from the fastText model."
_BOUNDS = {"tokens": 1 << 63}  # a fastText header stores this number in 64 bits, all others in 32
_KINDS = {"rows": (np.int8, 2), "scales": (np.float32, 1), "counts": (np.int64, 1)}


def save_compact(vectors: SubwordVectors, path: str | os.PathLike[str], limit: int | None = None) -> None:
    """Write a compact copy of a fastText model, which :func:`~translator.formats.load_vectors` reads.

    :param limit: keep the word rows of the first ``limit`` words only. Other words are then embedded by
        their n-grams alone, as are words that are not valid UTF-8. All buckets are kept.
    :raises DataError: the limit is below 1, a word cannot be stored, or a row is not finite or beyond 1e38.

    >>> import tempfile
    >>> from translator import load_vectors
    >>> rows = np.ones((11, 2), np.float32)
    >>> vectors = SubwordVectors(["cat"], np.array([5]), rows, minn=3, maxn=6, bucket=10)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_compact(vectors, f"{folder}/en.safetensors")
    ...     type(load_vectors(f"{folder}/en.safetensors")).__name__
    'SubwordVectors'
    """
    if limit is not None and limit < 1:
        raise DataError(f"cannot keep the first {limit} words", "Give a limit of 1 or more.")
    kept = [row for row, word in enumerate(vectors.words[:limit]) if not NOT_UTF8.search(word)]
    places = np.concatenate([np.array(kept, np.int64), np.arange(len(vectors), len(vectors.rows))])
    rows, scales = _rounded(vectors.rows, places)
    tensors: Arrays = {
        "rows": rows,
        "scales": scales,
        "words": pack_words([vectors.words[row] for row in kept]),
        "counts": np.ascontiguousarray(vectors.counts[kept], np.int64),
    }
    settings = {"minn": vectors.minn, "maxn": vectors.maxn, "training": asdict(vectors.training)}
    with replacing(path) as draft:
        save_file(tensors, draft, {name: json.dumps(value) for name, value in settings.items()})


def is_compact(tensors: Arrays) -> bool:
    """Return whether tensors belong to a compact copy, by their names."""
    return {"rows", "scales"} <= tensors.keys()


def restore(file: Path, tensors: Arrays, metadata: Mapping[str, str]) -> SubwordVectors:
    """Return the model of a compact copy, with float32 rows.

    :param file: where the tensors come from, for messages.
    :raises FormatError: the tensors or metadata are not those of a compact copy.
    """
    _check(file, tensors)
    words = read_words(file, tensors["words"])
    rows, scales, counts = tensors["rows"], tensors["scales"], tensors["counts"]
    if not len(scales) == len(rows) >= len(counts) == len(words):
        raise FormatError(
            f"{file}: {len(words)} words, {len(counts)} counts, {len(rows)} rows and {len(scales)} scales,"
            " expected a count for each word, a scale for each row, and at least as many rows as words",
            _DAMAGED,
        )
    check_distinct(file, words)
    if not ((scales >= 0) & (scales <= _LARGEST_SCALE)).all():
        raise FormatError(f"{file}: a scale is negative or not finite", _DAMAGED)
    widened = rows.astype(np.float32)
    widened *= scales[:, None]
    minn, maxn, training = _settings(file, metadata)
    return SubwordVectors(words, counts, widened, minn, maxn, len(rows) - len(words), training, file)


def _rounded(rows: Floats, places: Indices) -> tuple[npt.NDArray[np.int8], Floats]:
    """Return the rows at ``places`` as int8 [n, d], and the scale of each, float32 [n]."""
    rounded = np.empty((len(places), rows.shape[1]), np.int8)
    scales = np.empty(len(places), np.float32)
    for start in range(0, len(places), _BLOCK):
        block = np.asarray(rows[places[start : start + _BLOCK]])
        scale = np.abs(block).max(axis=1, initial=0) / np.float32(_LEVELS)
        storable = scale <= _LARGEST_SCALE
        if not storable.all():
            row = places[start + int(np.argmin(storable))]
            raise DataError(
                f"row {row} of the model is not finite or has a number beyond 1e38",
                "The model is damaged, as by fastText 0.9.3 with fewer than 10 threads: train it again.",
            )
        steps = block / np.where(scale > 0, scale, np.float32(1))[:, None]
        scales[start : start + len(block)] = scale
        rounded[start : start + len(block)] = np.rint(steps.clip(-_LEVELS, _LEVELS))
    return rounded, scales


def _check(file: Path, tensors: Arrays) -> None:
    """Check the types and numbers of axes of the tensors."""
    for name in ("words", *_KINDS):
        if name not in tensors:
            raise FormatError(f"{file}: has no tensor {name!r}", _DAMAGED)
    for name, (kind, axes) in _KINDS.items():
        if tensors[name].dtype != kind or tensors[name].ndim != axes:
            raise FormatError(
                f"{file}: {name!r} is {tensors[name].dtype} of shape {tensors[name].shape},"
                f" expected {np.dtype(kind)} with {axes} axes",
                _DAMAGED,
            )


def _settings(file: Path, metadata: Mapping[str, str]) -> tuple[int, int, TrainingArguments]:
    """Return ``minn``, ``maxn`` and the training arguments."""
    try:
        minn, maxn, training = (json.loads(metadata[name]) for name in ("minn", "maxn", "training"))
    except (KeyError, ValueError, RecursionError):
        raise FormatError(f"{file}: 'minn', 'maxn' or 'training' is missing or not JSON", _DAMAGED) from None
    kinds = {name: type(value) for name, value in asdict(TrainingArguments()).items()}
    if not isinstance(training, dict) or training.keys() != kinds.keys():
        raise FormatError(f"{file}: 'training' does not name {', '.join(kinds)}", _DAMAGED)
    for name, value in {**training, "minn": minn, "maxn": maxn}.items():
        if type(value) is not kinds.get(name, int) or not 0 <= value < _BOUNDS.get(name, 1 << 31):
            raise FormatError(f"{file}: {name!r} cannot be {value!r}", _DAMAGED)
    return minn, maxn, TrainingArguments(**training)
