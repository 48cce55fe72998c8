"""Encoded pictures, kept as a memory-mapped array with its names, and the search through them."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from translator.errors import DataError, FormatError
from translator.files import existing, json_of, read_json
from translator.retrieval import Neighbours, search
from translator.retrieval.ann import SUFFIX, AnnIndex, recall
from translator.vectors import Floats
from translator.writing import replacing

KIND = "vse-images"  # says the description


@dataclass(frozen=True)
class Hit:
    """A picture found.

    :param row: its row in the index.
    :param score: cosine of text and picture in the joint space.
    """

    row: int
    id: str
    score: float


@dataclass(frozen=True, eq=False)
class ImageIndex:
    """Pictures in the joint space.

    :param embeddings: unit rows, float32 [n, e]; may be a read-only memory map.
    :param ids: names of the pictures; row numbers where there are none.
    :param model: fingerprint of the weights that encoded them, where it is known.
    :param graph: of approximate neighbours, by which to search; without one the search is exact.
    """

    embeddings: Floats
    ids: Sequence[str] = ()
    model: str = ""
    graph: AnnIndex | None = None

    def __post_init__(self) -> None:
        if self.ids and len(self.ids) != len(self.embeddings):
            raise DataError(f"{len(self.embeddings)} encoded pictures but {len(self.ids)} ids")

    def search(self, queries: Floats, k: int) -> list[list[Hit]]:
        """The k best pictures of each query, best first; equal scores by row; a graph may miss some.

        :param queries: unit rows, float32 [q, e].
        :raises DataError: the widths differ.
        """
        found = self._exact(queries, k) if self.graph is None else self.graph.search(queries, k)
        return [
            [
                Hit(int(row), self.ids[row] if self.ids else str(row), float(score))
                for row, score in zip(rows, scores, strict=True)
            ]
            for rows, scores in zip(found.indices, found.scores, strict=True)
        ]

    def recall(self, queries: Floats, k: int = 10) -> float:
        """The share of the k nearest pictures that :meth:`search` finds, 0 to 1.

        :param queries: unit rows, float32 [q, e].
        """
        if self.graph is None:
            return 1.0
        return recall(self.graph.search(queries, k).indices, self._exact(queries, k).indices)

    def with_graph(self) -> ImageIndex:
        """The same pictures with a graph of approximate neighbours over them.

        :raises MissingDependencyError: the extra ``index`` is not installed.
        """
        return replace(self, graph=AnnIndex.build(self.embeddings))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write ``NAME.npy``, ``NAME.json`` with ids and the model's fingerprint, and any graph beside.

        :raises DataError: they cannot be written, or the ``.json`` there is of something else.
        """
        file = Path(path)
        check_describable(file)
        if self.graph is not None:
            self.graph.save(graph_path(file))
        with replacing(file) as draft, draft.open("wb") as stream:
            np.save(stream, self.embeddings)
        about = {"kind": KIND, "model": self.model, "ids": list(self.ids)}
        with replacing(_about(file)) as draft:
            draft.write_text(json.dumps(about, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | os.PathLike[str], model: str = "", *, ann: bool = False) -> ImageIndex:
        """Map what :meth:`save` wrote; nothing but the ids is read.

        :param model: fingerprint that it must have been encoded with.
        :param ann: search by the graph beside.
        :raises DataError: it is not there, damaged, or from another model, or the graph is.
        :raises MissingDependencyError: the graph is wanted, and the extra ``index`` is not installed.
        """
        file = existing(path)
        about = read_json(existing(_about(file)))
        ids = about.get("ids")
        if about.get("kind") != KIND or not isinstance(ids, list):
            raise FormatError(f"{_about(file)}: does not describe encoded pictures", "Encode them again.")
        if model and about.get("model") != model:
            raise DataError(f"{file}: was encoded by another model", "Encode the pictures again: vse encode")
        try:
            embeddings = np.load(file, mmap_mode="r", allow_pickle=False)
        except (ValueError, OSError, EOFError) as error:
            raise FormatError(f"{file}: cannot be read as .npy ({error})", "Encode them again.") from None
        if embeddings.ndim != 2 or embeddings.dtype != np.float32:
            raise FormatError(
                f"{file}: {embeddings.dtype} of shape {list(embeddings.shape)}, no encoded pictures"
            )
        if ids and len(ids) != len(embeddings):
            raise FormatError(
                f"{file}: {len(embeddings)} rows, {_about(file)} has {len(ids)} ids", "Encode them again."
            )
        graph = _graph_of(file, embeddings) if ann else None
        return cls(embeddings, [str(name) for name in ids], str(about.get("model", "")), graph)

    @staticmethod
    def is_index(path: str | os.PathLike[str]) -> bool:
        """Whether a ``.npy`` holds encoded pictures rather than features."""
        return json_of(_about(Path(path))).get("kind") == KIND

    def _exact(self, queries: Floats, k: int) -> Neighbours:
        return search(queries, self.embeddings, k)


def graph_path(file: Path) -> Path:
    """Where the graph over encoded pictures lies: beside them."""
    return file.with_suffix(SUFFIX)


def _graph_of(file: Path, embeddings: Floats) -> AnnIndex:
    place, hint = graph_path(file), "Encode the pictures again with: vse encode --ann"
    if not place.is_file():
        raise DataError(f"{place}: no such file; {file} was encoded without --ann", hint)
    graph = AnnIndex.load(place)
    if not graph.holds(embeddings):
        raise DataError(f"{place}: was made from other pictures than those in {file}", hint)
    return graph


def check_describable(file: Path) -> None:
    """See that encoded pictures are an array, and that their description takes the place of nothing else.

    :raises DataError: they are not, or it would.
    """
    about = _about(file)
    if file.suffix != ".npy":
        raise DataError(f"{file}: expected a name that ends in .npy", f"Name it {file.with_suffix('.npy')}.")
    if about.exists() and json_of(about).get("kind") != KIND:
        raise DataError(
            f"{about}: describes something other than encoded pictures, and would be lost",
            "Choose another name.",
        )


def check_undescribed(file: Path) -> None:
    """See that rows of something else would not pass for pictures, by the description beside.

    :raises DataError: they would.
    """
    if ImageIndex.is_index(file):
        raise DataError(
            f"{file}: holds encoded pictures, and {_about(file)} would call what replaces them so, too",
            "Choose another name, or remove both.",
        )


def _about(file: Path) -> Path:
    return file.with_suffix(".json")
