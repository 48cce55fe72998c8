"""An alignment written for other programs: aligned vectors, fastText models, layers, indexes.

Each function takes a ``side``, the language to export, and most take a ``space`` to map it into:

* ``shared``: the space of both languages, where translations are neighbours. Both sides can be exported.
* ``target``: the raw space of the target vectors. Only the source moves; its partner is the target's own
  file.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, get_args

from translator.alignment.artefact import CONFIG, TENSORS, read_config, read_tensors, restore_map
from translator.errors import DataError
from translator.export.index_folder import export_index
from translator.export.linear import LinearMap, Space, check_space
from translator.formats import save_vectors
from translator.formats.fasttext import write_fasttext
from translator.hub import resolve
from translator.vectors import WordVectors
from translator.vectors.matrices import rowwise
from translator.vectors.subword import SubwordVectors

if TYPE_CHECKING:
    from translator.alignment import Alignment, Side

__all__ = [
    "LinearMap",
    "SideName",
    "Space",
    "aligned_vectors",
    "export_fasttext",
    "export_index",
    "export_layer",
    "export_vectors",
    "linear_map",
    "subword_vectors",
]

SideName = Literal["source", "target"]


def aligned_vectors(alignment: Alignment, side: SideName = "source", space: Space = "shared") -> WordVectors:
    """Return the vocabulary of one language, mapped into a common space.

    :returns: float32 [n, e]: unit rows in the shared space, rows of the raw vectors' lengths in the target's.
        A word without a vector keeps a zero row.
    :raises DataError: the side or the space is unknown, both are ``target``, or the space cannot be reached
        by an affine map.

    >>> import numpy as np
    >>> from translator import Lexicon, Options, align
    >>> english = WordVectors(["cat", "dog"], np.float32([[2, 0], [0, 1]]))
    >>> german = WordVectors(["Hund", "Katze"], np.float32([[3, 0], [0, 3]]))
    >>> pairs = Lexicon((("cat", "Katze"), ("dog", "Hund")))
    >>> alignment = align(english, german, pairs, Options(refine="none"))
    >>> aligned_vectors(alignment, "source").matrix @ aligned_vectors(alignment, "target").matrix.T > 0.5
    array([[False,  True],
           [ True, False]])
    """
    exported = _exported(alignment, side, space)
    if space == "shared":
        return exported.mapped
    table = exported.vectors.table(exported.limit)
    return WordVectors(table.words, rowwise(linear_map(alignment, side, space).apply, table.matrix))


def export_vectors(
    alignment: Alignment,
    path: str | os.PathLike[str],
    side: SideName = "source",
    space: Space = "shared",
) -> None:
    """Write :func:`aligned_vectors` in the format that the end of the name says.

    :param path: ``.vec`` or ``.txt``, with ``.gz`` or without; ``.npz``; ``.safetensors``; ``.kv`` for
        gensim.
    :raises DataError: as :func:`aligned_vectors` and :func:`translator.save_vectors`.
    :raises MissingDependencyError: ``.kv`` needs the extra ``gensim``, which is not installed.
    """
    save_vectors(aligned_vectors(alignment, side, space), path)


def export_fasttext(
    alignment: Alignment,
    path: str | os.PathLike[str],
    side: SideName = "source",
    space: Space = "shared",
) -> None:
    """Write a fastText model whose vector of any string is the mapped one.

    :param path: ``.bin``.
    :raises DataError: as :func:`subword_vectors`, or the map has no inverse.
    """
    vectors = subword_vectors(alignment, side)
    exported = _exported(alignment, side, space)
    folds = exported.to_shared if space == "shared" else linear_map(alignment, side, space)
    matrix, offset = folds.folded()
    write_fasttext(vectors, path, matrix=matrix, offset=offset)


def export_layer(
    alignment: Alignment | str | os.PathLike[str],
    path: str | os.PathLike[str],
    side: SideName = "source",
    space: Space = "shared",
) -> None:
    """Write the layer that maps raw vectors of one language; torch is not needed.

    :param alignment: an alignment, its folder, or the id of its repository on the Hugging Face Hub; the
        vectors are not needed.
    :param path: ``.safetensors``, the state dict of a plain ``torch.nn.Linear``, or ``.onnx``.
    :raises DataError: as :func:`linear_map` and :meth:`LinearMap.save`.
    :raises MissingDependencyError: ``.onnx`` needs the extra ``onnx``, which is not installed.
    """
    linear_map(alignment, side, space).save(path)


def linear_map(
    alignment: Alignment | str | os.PathLike[str], side: SideName = "source", space: Space = "shared"
) -> LinearMap:
    """Return the map of one language's raw vectors as the weights of a linear layer.

    :param alignment: an alignment, its folder, or the id of its repository on the Hugging Face Hub; the
        vectors are not needed.
    :raises DataError: the folder holds no alignment, the side or the space is unknown, both are ``target``,
        or the map is not affine.
    """
    _check(side, space)
    if isinstance(alignment, str | os.PathLike):
        folder = resolve(alignment, files=(CONFIG, TENSORS))
        config, tensors = read_config(folder), read_tensors(folder)
        maps = {role: restore_map(config.side(role), role, tensors) for role in get_args(SideName)}
    else:
        maps = {"source": alignment.source.to_shared, "target": alignment.target.to_shared}
    return LinearMap.between(maps[side], maps["target"], space)


def subword_vectors(alignment: Alignment, side: SideName = "source") -> SubwordVectors:
    """Return the vectors of one language if :func:`export_fasttext` can write them.

    :raises DataError: they have no subwords, or their normalisation is none that the rows of a fastText
        model can follow.
    """
    exported = _exported(alignment, side, "shared")
    if not isinstance(exported.vectors, SubwordVectors) or not exported.vectors.bucket:
        raise DataError(
            f"the {side} vectors ({exported.name}) have no subwords to put into a fastText model",
            "Align the vectors of a fastText .bin file, or export the words alone as text.",
        )
    if exported.to_shared.unit_input:
        steps = ",".join(exported.to_shared.normalizer.steps)
        raise DataError(
            f"the normalisation {steps} scales each word before it subtracts the mean, which the rows of a "
            "fastText model cannot do",
            'Align again with normalization="center,unit".',
        )
    return exported.vectors


def _exported(alignment: Alignment, side: SideName, space: Space) -> Side:
    _check(side, space)
    return alignment.source if side == "source" else alignment.target


def _check(side: SideName, space: Space) -> None:
    check_space(space)
    if side not in get_args(SideName):
        raise DataError(f"side {side!r}: expected one of {', '.join(get_args(SideName))}")
    if side == space:
        raise DataError(
            "the target vectors are in the target's raw space already",
            "Use the target's own file of vectors.",
        )
