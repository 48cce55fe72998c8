"""Search of encoded images and their captions, which are saved as memory-mapped arrays and a description."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from translator.errors import DataError, FormatError
from translator.files import existing, json_of, read_json
from translator.retrieval import Neighbours, search
from translator.retrieval.ann import SUFFIX, AnnIndex, recall
from translator.vectors import Floats, Indices
from translator.vectors.matrices import ROUNDING
from translator.vectors.normalize import unit_rows
from translator.writing import replacing
from vse.caption_search import EncodedCaptions, combined

KIND = "vse-images"  # in the description
# Share of random texts whose best score is below the level at which something fits. On 880 photos all of ten
# queries of things they show were above the level, and all of ten on politics, physics or nothing were below.
REACHED = 0.9
ENCODE_AGAIN = "Encode them again."

By = Literal["images", "captions", "both"]  # what a query is compared with


@dataclass(frozen=True)
class Hit:
    """An image that a search found.

    :param row: its row in the index.
    :param id: its id.
    :param score: cosine of the query and the image, or its best caption, in the joint space. Where both are
        compared: their weighted mean, each in standard deviations above its mean over all images.
    :param caption: the nearest caption of the image, if there is any.
    """

    row: int
    id: str
    score: float
    caption: str | None = None


@dataclass(frozen=True)
class Levels:
    """Hold the best scores that random texts reach, see :meth:`vse.VSE.levels`.

    :param images: cosine with the nearest image.
    :param captions: cosine with the nearest caption; None without captions.
    """

    images: float
    captions: float | None = None


@dataclass(frozen=True, eq=False)
class ImageIndex:
    """Encoded images that can be searched.

    :param embeddings: unit rows, float32 [n, e]; may be a read-only memory map.
    :param ids: ids of the images; without them, row numbers.
    :param model: fingerprint of the weights that encoded them, if known.
    :param graph: graph of approximate neighbours to search; without one the search is exact.
    :param captions: captions of the images, to be searched too.
    :param levels: the best scores of random texts, by language; :meth:`vse.VSE.levels` fills it.
    :raises DataError: the numbers of ids and rows differ, or a caption is of no image.

    >>> index = ImageIndex(np.eye(3, dtype=np.float32), ids=["dog", "cat", "horse"])
    >>> index.search(np.array([[0.6, 0.8, 0.0]], np.float32), k=2)[0][0].id
    'cat'
    """

    embeddings: Floats
    ids: Sequence[str] = ()
    model: str = ""
    graph: AnnIndex | None = None
    captions: EncodedCaptions | None = None
    levels: dict[str, Levels] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.ids and len(self.ids) != len(self.embeddings):
            raise DataError(f"{len(self.embeddings)} encoded images but {len(self.ids)} ids")
        if self.captions is not None and self.captions.images[-1] >= len(self.embeddings):
            raise DataError(
                f"a caption of image row {self.captions.images[-1]}: {len(self.embeddings)} images"
            )

    def __repr__(self) -> str:
        graph = ", with a graph" if self.graph is not None else ""
        captions = f", {len(self.captions):,} captions" if self.captions is not None else ""
        shape = self.embeddings.shape
        return f"{type(self).__name__}({shape[0]:,} images x {shape[1]}{captions}{graph})"

    def search(
        self, queries: Floats, k: int, by: By | None = None, threshold: float = -math.inf
    ) -> list[list[Hit]]:
        """Return the k best images of each query, best first; with a graph some may be missed.

        Equal scores are ordered by row.

        :param queries: unit rows, float32 [q, e].
        :param by: compare with ``images``, ``captions``, or ``both``; None for both where there are captions
            and no graph. A search by captions finds only images that have any.
        :param threshold: leave out images with a lower score.
        :raises DataError: the widths differ, or there are no captions to search.
        """
        if by is None:
            by = "both" if self.captions is not None and self.graph is None else "images"
        if by not in get_args(By):
            raise DataError(f"by {by!r}: expected one of {', '.join(get_args(By))}")
        return [
            [
                Hit(int(row), self.name(int(row)), float(score), self._caption(query, int(row)))
                for row, score in zip(rows, scores, strict=True)
                if score >= threshold
            ]
            for query, (rows, scores) in zip(queries, self._found(queries, k, by), strict=True)
        ]

    def reached(self, queries: Floats) -> Levels:
        """Return the best scores that a tenth of random queries exceed, float32 [q, e]."""
        images = self._exact(queries, 1).scores[:, 0]
        if self.captions is None:
            return Levels(float(np.quantile(images, REACHED)))
        captions = search(queries, self.captions.embeddings, 1).scores[:, 0]
        return Levels(float(np.quantile(images, REACHED)), float(np.quantile(captions, REACHED)))

    def fits(self, queries: Floats, levels: Levels) -> list[bool]:
        """Tell for each query whether an image or a caption is nearer than to random texts."""
        fits = self._exact(queries, 1).scores[:, 0] > levels.images
        if self.captions is not None and levels.captions is not None:
            fits |= search(queries, self.captions.embeddings, 1).scores[:, 0] > levels.captions
        return [bool(one) for one in fits]

    def name(self, row: int) -> str:
        """Return the id of an image, or its row number where there are no ids."""
        return self.ids[row] if self.ids else str(row)

    def row(self, name: str) -> int:
        """Return the row of an image, by its id.

        :raises DataError: no image has this id.
        """
        for row in range(len(self.embeddings)):
            if self.name(row) == name:
                return row
        raise DataError(f"no image has the id {name!r}; ids are such as {self.name(0)!r}")

    def _caption(self, query: Floats, row: int) -> str | None:
        return None if self.captions is None else self.captions.nearest(query, row)

    def _found(self, queries: Floats, k: int, by: By) -> Iterator[tuple[Indices, Floats]]:
        """Yield rows and scores of the k best images of each query."""
        if by == "images":
            found = self._exact(queries, k) if self.graph is None else self.graph.search(queries, k)
            yield from zip(found.indices, found.scores, strict=True)
            return
        if self.captions is None:
            raise DataError("there are no encoded captions to search", 'Use by="images".')
        for query in queries:
            cosines = self.captions.embeddings @ query
            rows, places = self.captions.best(cosines)
            scores = cosines[places]
            if by == "both":
                scores = combined(self.embeddings @ query, scores, rows)
                rows = np.arange(len(scores))
            best = np.argsort(-scores, kind="stable")[:k]
            yield rows[best], scores[best]

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
        """Write ``NAME.npy``, ``NAME.json`` with ids and the model's fingerprint, captions and graph if any.

        :raises DataError: they cannot be written, or the ``.json`` there is of something else.
        """
        file = Path(path)
        check_describable(file)
        if self.graph is not None:
            self.graph.save(graph_path(file))
        parts = {file: self.embeddings}
        about: dict[str, Any] = {"kind": KIND, "model": self.model, "ids": list(self.ids)}
        about["levels"] = {code: asdict(levels) for code, levels in self.levels.items()}
        if self.captions is not None:
            parts[captions_path(file)] = self.captions.embeddings
            about["captions"] = self.captions.description()
        for place, embeddings in parts.items():
            with replacing(place) as draft, draft.open("wb") as stream:
                np.save(stream, embeddings)
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
        embeddings = _mapped(file)
        if ids and len(ids) != len(embeddings):
            raise FormatError(
                f"{file}: {len(embeddings)} rows, {_about(file)} has {len(ids)} ids", "Encode them again."
            )
        graph = _graph_of(file, embeddings) if ann else None
        return cls(
            embeddings,
            [str(name) for name in ids],
            str(about.get("model", "")),
            graph,
            _captions_of(file, about),
            _levels_of(about),
        )

    @staticmethod
    def is_index(path: str | os.PathLike[str]) -> bool:
        """Tell whether a ``.npy`` holds encoded images rather than features."""
        return json_of(_about(Path(path))).get("kind") == KIND

    def _exact(self, queries: Floats, k: int) -> Neighbours:
        return search(queries, self.embeddings, k)


def mixed(added: Floats, subtracted: Floats) -> Floats:
    """Return the unit vector of a query that adds some vectors and subtracts others, float32 [e].

    :param added: unit rows of the joint space, of texts or images, [p, e].
    :param subtracted: the same, [m, e].
    :raises DataError: nothing is left of them.
    """
    mixture = added.sum(axis=0) - subtracted.sum(axis=0)
    if np.linalg.norm(mixture) <= ROUNDING:
        raise DataError("nothing is left of the query: what is added is what is subtracted")
    unit: Floats = unit_rows(mixture[None].astype(np.float32))[0]
    return unit


def captions_path(file: Path) -> Path:
    """Return the file of the encoded captions of encoded images."""
    return file.with_suffix(".captions.npy")


def _mapped(file: Path) -> Floats:
    """Open encoded rows as a memory map."""
    try:
        embeddings = np.load(existing(file), mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise FormatError(f"{file}: cannot be read as .npy ({error})", ENCODE_AGAIN) from None
    if embeddings.ndim != 2 or embeddings.dtype != np.float32:
        raise FormatError(f"{file}: {embeddings.dtype} of shape {list(embeddings.shape)}, no encoded images")
    rows: Floats = embeddings
    return rows


def _captions_of(file: Path, about: dict[str, Any]) -> EncodedCaptions | None:
    if "captions" not in about:
        return None
    try:
        return EncodedCaptions.described(_mapped(captions_path(file)), about["captions"])
    except (AttributeError, DataError, KeyError, TypeError, ValueError) as error:
        raise FormatError(
            f"{captions_path(file)}: does not fit {_about(file)} ({error})", ENCODE_AGAIN
        ) from None


def _levels_of(about: dict[str, Any]) -> dict[str, Levels]:
    try:
        return {code: Levels(**levels) for code, levels in about.get("levels", {}).items()}
    except (AttributeError, TypeError):
        return {}  # they are computed again


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
