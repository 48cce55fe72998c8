"""Small made-up spaces, and the slow obvious twins that several tests measure against."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from translator.formats import load_vectors, save_vectors
from translator.lexicon import Lexicon
from translator.maps.base import Spaces
from translator.maps.pairs import WeightedPairs
from translator.options import Options
from translator.pipeline import align
from translator.vectors import Floats, Indices, WordVectors
from translator.vectors.normalize import unit_rows

Doubles = npt.NDArray[np.float64]

ORDER: int | None = None  # the seed of --reorder, set by conftest.py


def floats(rows: list[Any]) -> Floats:
    return np.array(rows, np.float32)


class Reordered(np.ndarray[Any, Any]):
    """An array whose matrix products sum over their inner dimension in another order than usual.

    The first random order is taken that rounds differently. (Sums without rounding have none.)
    """

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        plain = [np.asarray(one) if isinstance(one, Reordered) else one for one in inputs]
        options |= {"out": tuple(map(np.asarray, options["out"]))} if "out" in options else {}
        result = getattr(ufunc, method)(*plain, **options)
        if ufunc is np.matmul and np.ndim(result):
            result[...] = _product_in_another_order(*plain, result)
        return result.view(Reordered) if isinstance(result, np.ndarray) else result


def _product_in_another_order(left: Any, right: Any, usual: Any) -> Any:
    rng = np.random.default_rng(ORDER)
    right = right[:, None] if right.ndim == 1 else right
    for _ in range(9):
        order = rng.permutation(left.shape[-1])
        product = (left[..., order] @ right[..., order, :]).reshape(usual.shape)
        if (product != usual).any():
            return product
    return usual


def reordered(matrix: Floats) -> Floats:
    """The matrix as ``--reorder`` wants it: rows and columns in another order, and :class:`Reordered`.

    Matrices of one shape get the same order. Sums then round differently, as on another processor.
    """
    if ORDER is None:
        return matrix
    rng = np.random.default_rng([ORDER, *matrix.shape])
    rows, columns = (rng.permutation(size) for size in matrix.shape)
    return np.asfortranarray(matrix[rows][:, columns]).view(Reordered)


def gaussian(n: int, d: int, seed: int = 0) -> Floats:
    """Rows whose directions differ in variance, as those of word vectors do."""
    rng = np.random.default_rng(seed)
    matrix = rng.standard_normal((n, d)) * np.linspace(2, 0.5, d) + 0.3
    return reordered(matrix.astype(np.float32))


def rotation(d: int, seed: int = 1) -> Floats:
    turn = np.linalg.qr(np.random.default_rng(seed).standard_normal((d, d)))[0]
    return reordered(turn.astype(np.float32))


def names(n: int, prefix: str) -> list[str]:
    return [f"{prefix}{number}" for number in range(n)]


def lettered(number: int) -> str:
    """A name of a number without digits: words that hold digits are taken for ids of records."""
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


def rotated(n: int = 300, d: int = 20, seed: int = 0, noise: float = 0.0) -> tuple[WordVectors, WordVectors]:
    """A space and its rotation; ``s7`` translates as ``t7``."""
    source = gaussian(n, d, seed)
    wobble = noise * np.random.default_rng(seed + 1).standard_normal((n, d))
    target = source @ rotation(d, seed + 2) + wobble.astype(np.float32)
    return WordVectors(names(n, "s"), source), WordVectors(names(n, "t"), target)


def of_widths(d: int, e: int, n: int = 300, noise: float = 0.0) -> tuple[WordVectors, WordVectors]:
    """Two spaces of different width, rotations of one space, cut to ``d`` and ``e`` of its dimensions."""
    source, target = rotated(n, max(d, e), noise=noise)
    return WordVectors(source.words, source.matrix[:, :d]), WordVectors(target.words, target.matrix[:, :e])


def dictionary(numbers: range) -> Lexicon:
    """The true pairs of :func:`rotated`."""
    return Lexicon(tuple((f"s{number}", f"t{number}") for number in numbers))


def unit_spaces(n: int, d: int, seed: int = 0, noise: float = 0.1) -> Spaces:
    source, target = rotated(n, d, seed, noise)
    return Spaces(unit_rows(source.matrix), unit_rows(target.matrix))


def unit_spaces_of(d: int, e: int, noise: float = 0.5) -> Spaces:
    source, target = of_widths(d, e, noise=noise)
    return Spaces(unit_rows(source.matrix), unit_rows(target.matrix))


def same_rows(numbers: range) -> Indices:
    return np.column_stack([np.array(numbers), np.array(numbers)])


def same_pairs(numbers: range) -> WeightedPairs:
    return WeightedPairs.certain(same_rows(numbers))


def weights_as_repeats(count: int) -> tuple[WeightedPairs, WeightedPairs]:
    """Pairs of equal rows that weigh one to four quarters, and each of them one to four times instead."""
    times = np.random.default_rng(3).integers(1, 5, count)
    rows = same_rows(range(count))
    return WeightedPairs(rows, (times / 4).astype(np.float32)), WeightedPairs.certain(
        rows.repeat(times, axis=0)
    )


def slow_best(scores: Doubles, k: int) -> tuple[Indices, Doubles]:
    """Best k columns of each row: sort everything; equal scores by ascending column."""
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(scores, order, axis=1)


def assert_same_order(found: Indices, expected: Indices, scores: Doubles) -> None:
    """Two rankings are the same but for candidates whose scores, in double precision, differ by rounding.

    :param scores: of every candidate of each query.
    """
    assert found.shape == expected.shape
    ours, theirs = (np.take_along_axis(scores, rows, axis=1) for rows in (found, expected))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-6)
    assert all(len(set(row)) == len(row) for row in found.tolist())


def slow_csls(source: Floats, target: Floats, k: int) -> Doubles:
    """Every CSLS score in double precision (Lample et al. 2018)."""
    cosines = source.astype(np.float64) @ target.astype(np.float64).T
    of_source = np.sort(cosines, axis=1)[:, -k:].mean(axis=1)
    of_target = np.sort(cosines, axis=0)[-k:].mean(axis=0)
    scores: Doubles = 2 * cosines - of_source[:, None] - of_target
    return scores


def saved_alignment(place: Path) -> Path:
    """The folder ``en-de`` of an alignment of ``en.npz`` and ``de.npz``, which lie next to it."""
    sides = []
    for name, vectors in zip(("en", "de"), rotated(120, 8, noise=0.1), strict=True):
        save_vectors(vectors, place / f"{name}.npz")
        sides.append(load_vectors(place / f"{name}.npz"))
    align(sides[0], sides[1], dictionary(range(80)), Options(limit=100)).save_pretrained(place / "en-de")
    return place / "en-de"
