"""Search of encoded images, which are saved as a memory-mapped array and a file of ids."""

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

KIND = "vse-images"  # in the description


@dataclass(frozen=True)
class Hit:
    """An image that a search found.

    :param row: its row in the index.
    :param id: its id.
    :param score: cosine of text and image in the joint space.
    """

    row: int
    id: str
    score: float


@dataclass(frozen=True, eq=False)
class ImageIndex:
    """Encoded images that can be searched.

    :param embeddings: unit rows, float32 [n, e]; may be a read-only memory map.
    :param ids: ids of the images; without them, row numbers.
    :param model: fingerprint of the weights that encoded them, if known.
    :param graph: graph of approximate neighbours to search; without one the search is exact.
    :raises DataError: the numbers of ids and rows differ.

    >>> index = ImageIndex(np.eye(3, dtype=np.float32), ids=["dog", "cat", "horse"])
    >>> index.search(np.array([[0.6, 0.8, 0.0]], np.float32), k=2)[0][0].id
    'cat'
    """

    embeddings: Floats
    ids: Sequence[str] = ()
    model: str = ""
    graph: AnnIndex | None = None

    def __post_init__(self) -> None:
        if self.ids and len(self.ids) != len(self.embeddings):
            raise DataError(f"{len(self.embeddings)} encoded images but {len(self.ids)} ids")

    def __repr__(self) -> str:
        graph = ", with a graph" if self.graph is not None else ""
        return f"{type(self).__name__}({len(self.embeddings):,} images x {self.embeddings.shape[1]}{graph})"

    def search(self, queries: Floats, k: int) -> list[list[Hit]]:
        """Return the k nearest images of each query, best first; with a graph some may be missed.

        Equal scores are ordered by row.

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
        """Return the share of the k nearest images that :meth:`search` finds, 0 to 1.

        :param queries: unit rows, float32 [q, e].
        """
        if self.graph is None:
            return 1.0
        return recall(self.graph.search(queries, k).indices, self._exact(queries, k).indices)

    def with_graph(self) -> ImageIndex:
        """Return the same images with a graph of approximate neighbours.

        :raises MissingDependencyError: the extra ``index`` is not installed.
        """
        return replace(self, graph=AnnIndex.build(self.embeddings))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write ``NAME.npy``, ``NAME.json`` with ids and the model's fingerprint, and the graph if any.

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
        """Open what :meth:`save` wrote; embeddings are mapped into memory, not read.

        :param model: fingerprint of the weights that must have encoded the images; empty for any.
        :param ann: search with the graph.
        :raises DataError: a file is missing, damaged, or from another model or other images.
        :raises MissingDependencyError: ``ann`` is set, and the extra ``index`` is not installed.
        """
        file = existing(path)
        about = read_json(existing(_about(file)))
        ids = about.get("ids")
        if about.get("kind") != KIND or not isinstance(ids, list):
            raise FormatError(f"{_about(file)}: does not describe encoded images", "Encode them again.")
        if model and about.get("model") != model:
            raise DataError(f"{file}: was encoded by another model", "Encode the images again.")
        try:
            embeddings = np.load(file, mmap_mode="r", allow_pickle=False)
        except (ValueError, OSError, EOFError) as error:
            raise FormatError(f"{file}: cannot be read as .npy ({error})", "Encode them again.") from None
        if embeddings.ndim != 2 or embeddings.dtype != np.float32:
            raise FormatError(
                f"{file}: {embeddings.dtype} of shape {list(embeddings.shape)}, no encoded images"
            )
        if ids and len(ids) != len(embeddings):
            raise FormatError(
                f"{file}: {len(embeddings)} rows, {_about(file)} has {len(ids)} ids", "Encode them again."
            )
        graph = _graph_of(file, embeddings) if ann else None
        return cls(embeddings, [str(name) for name in ids], str(about.get("model", "")), graph)

    @staticmethod
    def is_index(path: str | os.PathLike[str]) -> bool:
        """Tell whether a ``.npy`` holds encoded images rather than features."""
        return json_of(_about(Path(path))).get("kind") == KIND

    def _exact(self, queries: Floats, k: int) -> Neighbours:
        return search(queries, self.embeddings, k)


def graph_path(file: Path) -> Path:
    """Return the file of the graph over encoded images."""
    return file.with_suffix(SUFFIX)


def _graph_of(file: Path, embeddings: Floats) -> AnnIndex:
    place, hint = graph_path(file), "Build one with ImageIndex.with_graph(), and save again."
    if not place.is_file():
        raise DataError(f"{place}: no such file; {file} was saved without a graph", hint)
    graph = AnnIndex.load(place)
    if not graph.holds(embeddings):
        raise DataError(f"{place}: was made from other images than those in {file}", hint)
    return graph


def check_describable(file: Path) -> None:
    """Check that encoded images can be saved as ``file`` without replacing a description of something else.

    :raises DataError: the name does not end in ``.npy``, or the ``.json`` next to it is of something else.
    """
    about = _about(file)
    if file.suffix != ".npy":
        raise DataError(f"{file}: expected a name that ends in .npy", f"Name it {file.with_suffix('.npy')}.")
    if about.exists() and json_of(about).get("kind") != KIND:
        raise DataError(
            f"{about}: describes something other than encoded images, and would be replaced",
            "Choose another name.",
        )


def check_undescribed(file: Path) -> None:
    """Check that no file describes encoded images under this name: other rows would be taken for images.

    :raises DataError: a file does.
    """
    if ImageIndex.is_index(file):
        raise DataError(
            f"{file}: holds encoded images; after replacing them, {_about(file)} would describe other rows",
            "Choose another name, or remove both.",
        )


def _about(file: Path) -> Path:
    return file.with_suffix(".json")
