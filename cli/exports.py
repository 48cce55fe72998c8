"""What ``translator export`` can write: the formats, the names of their files, and the writing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .console import Console
from .folder import check_file, check_replaceable, label, opened

if TYPE_CHECKING:
    from translator import Alignment, SubwordVectors, WordVectors
    from translator.alignment import Side
    from translator.alignment.artefact import Config
    from translator.vectors import Floats

LAYERS = ("torch", "onnx")  # made of the maps alone, without the vectors


@dataclass(frozen=True)
class Export:
    """One file, or the folder of an index, to be written.

    :param format: a key of :data:`FORMATS`.
    :param role: ``source`` or ``target``, the side it carries.
    """

    format: str
    role: str
    path: Path

    def check(self, keep: Iterable[Path]) -> None:
        """Make sure, before any work, that it can be written and nothing is lost by it.

        :param keep: files and folders that are read.
        :raises DataError: it cannot.
        """
        if self.format == "index":
            from translator.alignment.index_folder import INDEX

            check_replaceable(self.path, INDEX, "--index")
        else:
            check_file(self.path, keep)


@dataclass(frozen=True)
class Format:
    """A kind of file, or of folder.

    :param suffixes: the ends of its names, the usual one first.
    """

    name: str
    suffixes: tuple[str, ...]
    help: str

    def plan(self, file: str, folder: Path, config: Config, roles: Sequence[str]) -> list[Export]:
        """The files for ``roles``; one alone has the name that was given.

        :raises BadParameter: the name ends unlike files of this format.
        """
        name = str(Path(file)) if file else folder.resolve().name + self.suffixes[0]
        stem, suffix = self._split(name)
        parts = {role: f".{label(config, role)}" for role in roles}
        if self.name in LAYERS:
            parts = {role: "" if role == roles[0] else f".{role}" for role in roles}
        elif len(roles) == 1:
            parts = dict.fromkeys(roles, "")
        return [Export(self.name, role, Path(f"{stem}{parts[role]}{suffix}")) for role in roles]

    def _split(self, file: str) -> tuple[str, str]:
        for suffix in sorted(self.suffixes, key=len, reverse=True):
            if not suffix or (file.endswith(suffix) and Path(file).name != suffix):
                return file.removesuffix(suffix), suffix
        if not Path(file).suffix:
            return file, self.suffixes[0]
        raise click.BadParameter(
            f"{file!r} does not end in {' or '.join(self.suffixes)}", param_hint=f"--{self.name}"
        )


FORMATS = {
    form.name: form
    for form in (
        Format("torch", (".safetensors",), "State dict of a plain torch.nn.Linear."),
        Format("vec", (".vec", ".vec.gz", ".txt", ".txt.gz"), "Aligned vectors as text."),
        Format("fasttext", (".bin",), "fastText model that gives aligned vectors for any string."),
        Format("onnx", (".onnx",), "The layer for ONNX runtimes."),
        Format("gensim", (".kv",), "Aligned vectors as gensim KeyedVectors."),
        Format("npz", (".npz",), "Aligned vectors for numpy."),
        Format("index", (".index", ""), "Folder for vector databases: inner products rank by CSLS."),
    )
}


def write(
    console: Console,
    exports: Sequence[Export],
    folder: Path,
    space: str,
    moved: Mapping[str, Path | None],
    ann: bool,
) -> list[str]:
    """Write the files; returns what their user should know."""
    alignment = None
    notes: list[str] = []
    for one in exports:
        if one.format == "fasttext":  # which not all alignments allow: before anything is written
            alignment = alignment or opened(folder, moved)
            _with_subwords(one, alignment)
    for one in exports:
        console.phase(f"writing {one.path}")
        if one.format in LAYERS:
            notes += _write_layer(one, folder, space)
            continue
        alignment = alignment or opened(folder, moved)
        if one.format == "index":
            _write_index(one, alignment, folder, ann)
        else:
            (_write_model if one.format == "fasttext" else _write_words)(one, alignment, space)
    return list(dict.fromkeys(notes))


def _write_layer(one: Export, folder: Path, space: str) -> list[str]:
    from translator import Translator
    from translator.alignment.artefact import read_config, read_tensors, restore_map

    config, tensors = read_config(folder), read_tensors(folder)
    maps = {role: restore_map(config.side(role), role, tensors) for role in ("source", "target")}
    layer = Translator.from_maps(
        maps[one.role], maps["target"], space="target" if space == "target" else "shared"
    )
    if one.format == "onnx":
        layer.export_onnx(one.path)
    else:
        layer.save_weights(one.path)
    if one.format == "torch" and layer.unit_input:
        return ["Note: a plain nn.Linear with these weights needs input rows of unit length (the recipe)."]
    return []


def _write_words(one: Export, alignment: Alignment, space: str) -> None:
    from translator.formats.arrays import write_npz
    from translator.formats.keyedvectors import write_keyedvectors
    from translator.formats.text import write_text

    writers = {"vec": write_text, "npz": write_npz, "gensim": write_keyedvectors}
    writers[one.format](_mapped(_side(alignment, one.role), alignment.target, space), one.path)


def _mapped(side: Side, target: Side, space: str) -> WordVectors:
    """The vocabulary of a side in the space asked for."""
    from translator import WordVectors
    from translator.alignment.affine import compose
    from translator.vectors import has_vector
    from translator.vectors.matrices import rowwise
    from translator.vectors.normalize import unit_rows

    if space == "shared":
        return side.mapped
    weight, bias = compose(*side.to_shared.affine(), target.to_shared)

    def carried(rows: Floats) -> Floats:
        known = has_vector(rows)[:, None]
        return ((unit_rows(rows) if side.to_shared.unit_input else rows) @ weight.T + bias) * known

    table = side.vectors.table(side.limit)
    return WordVectors(table.words, rowwise(carried, table.matrix))


def _write_model(one: Export, alignment: Alignment, space: str) -> None:
    """Write a fastText model with the map in every row."""
    from translator.formats.fasttext import write_fasttext

    side, vectors = _with_subwords(one, alignment)
    matrix, offset = side.to_shared.folded()
    if space == "target":
        matrix, offset = _through(side, alignment.target)
    write_fasttext(vectors, one.path, matrix=matrix, offset=offset)


def _with_subwords(one: Export, alignment: Alignment) -> tuple[Side, SubwordVectors]:
    """The side of a fastText model, and its vectors.

    :raises DataError: they have no subwords, or a recipe that rows of such a model cannot follow.
    """
    from translator import DataError, SubwordVectors

    side = _side(alignment, one.role)
    if not isinstance(side.vectors, SubwordVectors) or not side.vectors.bucket:
        raise DataError(
            f"the {one.role} vectors ({side.name}) have no subwords to put into a fastText model",
            "Align a fastText .bin, or export words alone with --vec; --side picks one language.",
        )
    if side.to_shared.unit_input:
        raise DataError(
            f"the recipe {','.join(side.to_shared.normalizer.steps)} scales words before it centres them, "
            "which the rows of a fastText model cannot do",
            "Align again with --recipe center,unit.",
        )
    return side, side.vectors


def _write_index(one: Export, alignment: Alignment, folder: Path, ann: bool) -> None:
    """Write the folder of an index of one side, which words of the other ask."""
    from translator.alignment.artefact import TENSORS
    from translator.alignment.index_folder import write_index
    from translator.files import fingerprint

    asked = alignment if one.role == "target" else alignment.inverse()
    write_index(asked, one.path, graph=ann, model=fingerprint(folder / TENSORS))


def _through(side: Side, target: Side) -> tuple[Any, Any]:
    """``(matrix, offset)`` of the way into the target's raw space, as in :meth:`SideMap.folded`."""
    import numpy as np

    from translator import DataError
    from translator.alignment.affine import compose

    weight, bias = compose(*side.to_shared.affine(), target.to_shared)
    try:
        offset = np.linalg.solve(weight.astype(np.float64), -bias.astype(np.float64))
    except np.linalg.LinAlgError:
        raise DataError("the source's map has no inverse", "Export into the shared space instead.") from None
    return weight.T, offset.astype(np.float32)


def _side(alignment: Alignment, role: str) -> Side:
    return alignment.source if role == "source" else alignment.target
