"""An alignment written for other programs: aligned vectors, fastText models, layers, indexes.

Each function takes a ``side``, the language to export, and most take a ``space`` to map it into:

* ``shared``: the space of both languages, where translations are neighbours. Both sides can be exported.
* ``target``: the raw space of the target vectors. Only the source moves; its partner is the target's own
  file.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from translator.alignment.affine import SideMap
from translator.alignment.artefact import CONFIG, TENSORS, read_config, read_tensors, restore_map
from translator.errors import DataError
from translator.export.index_folder import export_index
from translator.export.linear import LinearMap, Space, check_space
from translator.files import state_of
from translator.formats import count_words, load_vectors, save_vectors
from translator.formats.fasttext import write_fasttext
from translator.hub import resolve
from translator.vectors import Embedder, WordVectors
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
    "export_mapped",
    "export_vectors",
    "linear_map",
    "map_vectors",
    "subword_vectors",
    "words_left_out",
]

SideName = Literal["source", "target"]


def aligned_vectors(
    alignment: Alignment, side: SideName = "source", space: Space = "shared", *, all_words: bool = False
) -> WordVectors:
    """Return the vocabulary of one language, mapped into a common space.

    :param all_words: map all words of the vectors, instead of the most frequent words that were aligned.
        Vectors that were read up to a limit are read again from their file.
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
    if all_words:
        return map_vectors(alignment, _whole(exported), side, space)
    if space == "shared":
        return exported.mapped
    return map_vectors(alignment, exported.vectors.table(exported.limit), side, space)


def map_vectors(
    alignment: Alignment | str | os.PathLike[str],
    vectors: Embedder,
    side: SideName = "source",
    space: Space = "shared",
) -> WordVectors:
    """Map the vocabulary of any vectors of one language's space.

    :param alignment: an alignment, its folder, or the id of its repository on the Hugging Face Hub; the
        vectors it was made from are not needed.
    :param vectors: of the same model as those that were aligned, such as a file with more words.
    :param side: the language of these vectors.
    :returns: as :func:`aligned_vectors`. A large matrix is kept on disk, not in memory.
    :raises DataError: as :func:`aligned_vectors`, or the vectors have another number of dimensions.
    """
    _check(side, space)
    to_shared = _maps(alignment)[side]
    _check_dimension(vectors, to_shared, side)
    table = vectors.table()
    transform = to_shared.apply if space == "shared" else linear_map(alignment, side, space).apply
    return WordVectors(table.words, rowwise(transform, table.matrix))


def export_vectors(
    alignment: Alignment,
    path: str | os.PathLike[str],
    side: SideName = "source",
    space: Space = "shared",
    *,
    all_words: bool = False,
) -> None:
    """Write :func:`aligned_vectors` in the format that the end of the name says.

    :param path: ``.vec`` or ``.txt``, with ``.gz`` or without; ``.npz``; ``.safetensors``; ``.kv`` for
        gensim.
    :param all_words: as for :func:`aligned_vectors`.
    :raises DataError: as :func:`aligned_vectors` and :func:`translator.save_vectors`.
    :raises MissingDependencyError: ``.kv`` needs the extra ``gensim``, which is not installed.
    """
    save_vectors(aligned_vectors(alignment, side, space, all_words=all_words), path)


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
    _write_model(alignment, subword_vectors(alignment, side), path, side, space)


def export_mapped(
    alignment: Alignment | str | os.PathLike[str],
    vectors: Embedder,
    path: str | os.PathLike[str],
    side: SideName = "source",
    space: Space = "shared",
) -> None:
    """Write any vectors of one language's space, mapped, in the format that the end of the name says.

    :param alignment: as for :func:`map_vectors`; ``vectors`` likewise.
    :param path: as for :func:`export_vectors`, or ``.bin`` for a fastText model.
    :raises DataError: as :func:`map_vectors`, :func:`translator.save_vectors` and, for ``.bin``,
        :func:`export_fasttext`.
    """
    if Path(path).suffix == ".bin":
        _write_model(alignment, vectors, path, side, space)
    else:
        save_vectors(map_vectors(alignment, vectors, side, space), path)


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
    maps = _maps(alignment)
    return LinearMap.between(maps[side], maps["target"], space)


def subword_vectors(alignment: Alignment, side: SideName = "source") -> SubwordVectors:
    """Return the vectors of one language if :func:`export_fasttext` can write them.

    :raises DataError: they have no subwords, or their normalisation is none that the rows of a fastText
        model can follow.
    """
    exported = _exported(alignment, side, "shared")
    return _foldable(exported.vectors, exported.to_shared, f"the {side} vectors ({exported.name})")


def _foldable(vectors: Embedder, to_shared: SideMap, name: str) -> SubwordVectors:
    """Return vectors with subwords whose rows can follow the map."""
    if not isinstance(vectors, SubwordVectors) or not vectors.bucket:
        raise DataError(
            f"{name} have no subwords to put into a fastText model",
            "Align the vectors of a fastText .bin file, or export the words alone as text.",
        )
    if to_shared.unit_input:
        steps = ",".join(to_shared.normalizer.steps)
        raise DataError(
            f"the normalisation {steps} scales each word before it subtracts the mean, which the rows of a "
            "fastText model cannot do",
            'Align again with normalization="center,unit".',
        )
    return vectors


def _write_model(
    alignment: Alignment | str | os.PathLike[str],
    vectors: Embedder,
    path: str | os.PathLike[str],
    side: SideName,
    space: Space,
) -> None:
    _check(side, space)
    to_shared = _maps(alignment)[side]
    _check_dimension(vectors, to_shared, side)
    model = _foldable(vectors, to_shared, str(vectors.path or "the vectors"))
    folds = to_shared if space == "shared" else linear_map(alignment, side, space)
    matrix, offset = folds.folded()
    write_fasttext(model, path, matrix=matrix, offset=offset)


def _check_dimension(vectors: Embedder, to_shared: SideMap, side: SideName) -> None:
    expected = len(to_shared.matrix)
    if vectors.dimension != expected:
        raise DataError(
            f"{vectors.path or 'the vectors'}: {vectors.dimension} dimensions, expected {expected}, those of "
            f"the {side} vectors that were aligned",
            "Give vectors of the model whose vectors were aligned, or align these vectors.",
        )


def _maps(alignment: Alignment | str | os.PathLike[str]) -> dict[str, SideMap]:
    """Return the maps of both sides, of a folder without reading the vectors."""
    if isinstance(alignment, str | os.PathLike):
        folder = resolve(alignment, files=(CONFIG, TENSORS))
        config, tensors = read_config(folder), read_tensors(folder)
        return {role: restore_map(config.side(role), role, tensors) for role in get_args(SideName)}
    return {"source": alignment.source.to_shared, "target": alignment.target.to_shared}


def words_left_out(side: Side) -> int | None:
    """Return how many words of a language's vectors are beyond its limit; None if the file does not say."""
    if side.limit is None or len(side.mapped) < side.limit:
        return 0
    if side.vectors.path is not None and side.vectors.path.is_file():
        total = count_words(side.vectors.path)
    else:
        total = len(side.vectors.words)
    return None if total is None else total - len(side.mapped)


def _whole(side: Side) -> Embedder:
    """Return the vectors of one language with all their words."""
    vectors = side.vectors
    if vectors.path is None or isinstance(vectors, SubwordVectors) or len(vectors.words) != side.limit:
        return vectors
    if not vectors.path.is_file() or vectors.state not in (None, state_of(vectors.path)):
        raise DataError(
            f"{vectors.path}: changed or removed since it was read, expected the vectors of {side.name}",
            "Read the alignment again.",
        )
    return load_vectors(vectors.path)


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
