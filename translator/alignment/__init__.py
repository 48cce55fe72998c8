"""The result of aligning two languages, and the folder it is kept in.

An alignment folder holds ``model.safetensors`` (both sides' maps, recipes and CSLS means),
``config.json`` (how it was made: arguments, versions, seed, input hashes, history, metrics) and
``README.md``. The vectors themselves stay where they are; the config records path, size and hash.
Vectors that came from no file are saved in the folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from translator.alignment.affine import SideMap
from translator.alignment.artefact import (
    ALIGNMENT,
    CARD,
    CONFIG,
    FORMAT,
    PAIRS,
    TENSORS,
    Config,
    SideConfig,
    is_rows,
    read_config,
    read_tensors,
    restore_map,
)
from translator.alignment.card import model_card
from translator.alignment.record import Record
from translator.errors import DataError, FormatError, kind_of
from translator.files import identity, located, state_of, unchanged, within
from translator.formats import load_vectors, save_vectors
from translator.hub import push, resolve
from translator.ranking.ranker import Ranker
from translator.ranking.shared_space import SharedSpace
from translator.retrieval import Criterion, Index, Neighbourhoods
from translator.vectors import Embedder, Floats, Indices, WordVectors
from translator.vectors.subword import SubwordVectors
from translator.writing import replacing

RANKERS = ("ranker.forward", "ranker.backward")  # tensors


@dataclass(eq=False)
class Side:
    """One language of an alignment.

    :param name: what to call it, such as ``en``.
    :param vectors: its words and vectors; any string's vector when they hold subwords.
    :param limit: how many of the most frequent words form its vocabulary; None for all.
    :param to_shared: its way into the shared space.
    """

    name: str
    vectors: Embedder
    limit: int | None
    to_shared: SideMap
    _mapped: WordVectors | None = field(default=None, repr=False)

    @property
    def mapped(self) -> WordVectors:
        """The vocabulary in the shared space, unit rows, float32 [n, e]."""
        if self._mapped is None:
            self._mapped = self.to_shared.apply_to(self.vectors.table(self.limit))
        return self._mapped

    def embed(self, words: Sequence[str]) -> Floats:
        """Words, unseen ones included, in the shared space: unit rows, zero where no vector exists."""
        return self.to_shared.apply(self.vectors.embed(words))


@dataclass(eq=False, repr=False)
class Alignment:
    """Two languages in one space.

    :param source: the language that translations start from.
    :param target: the language they end in.
    :param means: CSLS neighbourhood means of both vocabularies.
    :param record: how the alignment was made.
    :param rankers: re-rank candidates from source to target, and from target to source.
    :param anchors: pairs that the maps were learned from, int64 [p, 2], rows of both vocabularies; rankers
        compare the words around them.
    :param dictionary: pairs of the seed dictionary inside both vocabularies, int64 [q, 2]; re-ranking raises
        their probability.
    """

    source: Side
    target: Side
    means: Neighbourhoods
    record: Record
    rankers: tuple[Ranker | None, Ranker | None] = (None, None)
    anchors: Indices = field(default_factory=lambda: np.empty((0, 2), np.int64))
    dictionary: Indices = field(default_factory=lambda: np.empty((0, 2), np.int64))

    def __repr__(self) -> str:
        source = f"{self.source.name} ({len(self.means.source):,} words)"
        target = f"{self.target.name} ({len(self.means.target):,} words)"
        width = self.source.to_shared.matrix.shape[1]
        return f"{type(self).__name__}({source} -> {target}, {width} dimensions)"

    def inverse(self) -> Alignment:
        """Return the same alignment from target to source."""
        rankers = self.rankers[1], self.rankers[0]
        pairs = self.anchors[:, ::-1], self.dictionary[:, ::-1]
        return Alignment(
            self.target, self.source, self.means.inverse(), self.record.inverse(), rankers, *pairs
        )

    @property
    def space(self) -> SharedSpace:
        """Both vocabularies in the shared space."""
        return SharedSpace(self.source.mapped, self.target.mapped, self.means, self.anchors)

    def index(self, criterion: Criterion = "csls", device: str = "cpu") -> Index:
        """The target vocabulary, ready to be ranked for source words in the shared space."""
        return Index(
            self.target.mapped.matrix,
            self.source.mapped.matrix,
            criterion,
            csls_k=self.means.k,
            target_means=self.means.target,
            device=device,
        )

    def save_pretrained(self, folder: str | os.PathLike[str]) -> None:
        """Write the alignment folder; it appears whole or not at all.

        :raises DataError: the folder cannot be written, or holds anything but an alignment.
        """
        from safetensors.numpy import save_file

        ALIGNMENT.check_replaceable(folder)
        with replacing(folder) as draft:
            draft.mkdir()
            save_file(self._tensors(), draft / TENSORS)
            source = _describe(self.source, "source", draft, Path(folder))
            target = _describe(self.target, "target", draft, Path(folder))
            config = Config(FORMAT, self.means.k, self.means.sample, source, target, self.record)
            text = json.dumps(config.to_json(), indent=2, ensure_ascii=False)
            (draft / CONFIG).write_text(f"{text}\n", encoding="utf-8")
            (draft / CARD).write_text(model_card(config), encoding="utf-8")

    def push_to_hub(self, repo_id: str, *, private: bool | None = None, token: str | None = None) -> str:
        """Upload the folder of :meth:`save_pretrained` to the Hugging Face Hub.

        Vectors in files of their own are not uploaded. Its readers pass them to :meth:`from_pretrained` as
        ``source`` and ``target``; ``config.json`` has the name and the SHA-256 of each file. A
        :class:`~translator.Translator` needs none.

        :param repo_id: ``owner/name``; the repository is made if it does not exist.
        :param private: whether a new repository is private; None for the owner's default.
        :param token: with write access; by default the one that ``hf auth login`` stored.
        :returns: the address of the commit.
        :raises DataError: the Hub refuses the upload.
        :raises MissingDependencyError: the extra ``hub`` is not installed.
        """
        return push(self.save_pretrained, repo_id, private=private, token=token)

    @classmethod
    def from_pretrained(
        cls,
        folder: str | os.PathLike[str],
        *,
        source: Embedder | str | os.PathLike[str] | None = None,
        target: Embedder | str | os.PathLike[str] | None = None,
        token: str | None = None,
    ) -> Alignment:
        """Read an alignment folder together with the vectors it was made from.

        :param folder: the folder, or the id of its repository on the Hugging Face Hub, ``owner/name``.
        :param source: where the source vectors are now, if they moved; or the vectors themselves, whose
            content is not compared; ``target`` likewise.
        :param token: of a private repository; by default the one that ``hf auth login`` stored.
        :raises DataError: no alignment folder, or the vectors are gone or have changed.
        :raises MissingDependencyError: ``folder`` is an id, and the extra ``hub`` is not installed.
        """
        place = resolve(folder, files=ALIGNMENT.files, token=token)
        config, tensors = read_config(place), read_tensors(place)
        sides = [
            _restore(place, config.side(role), role, tensors, moved)
            for role, moved in (("source", source), ("target", target))
        ]
        means = Neighbourhoods(
            tensors["source.means"], tensors["target.means"], config.csls_k, config.csls_sample
        )
        pairs, sizes = [tensors[name] for name in PAIRS], (config.source.words, config.target.words)
        whole = (len(means.source), len(means.target)) == sizes
        if not whole or not all(is_rows(one, sizes) for one in pairs):
            raise FormatError(f"{place}: {CONFIG} and {TENSORS} do not belong together", "Align again.")
        rankers = [Ranker.unpacked(tensors[name]) if name in tensors else None for name in RANKERS]
        return cls(sides[0], sides[1], means, config.record, (rankers[0], rankers[1]), *pairs)

    def _tensors(self) -> dict[str, npt.NDArray[Any]]:
        tensors: dict[str, npt.NDArray[Any]] = {
            "source.means": self.means.source,
            "target.means": self.means.target,
            "anchors": self.anchors,
            "dictionary": self.dictionary,
        }
        for role, side in (("source", self.source), ("target", self.target)):
            tensors[f"{role}.matrix"] = side.to_shared.matrix
            for name, tensor in side.to_shared.normalizer.tensors().items():
                tensors[f"{role}.{name}"] = tensor
        for name, ranker in zip(RANKERS, self.rankers, strict=True):
            if ranker is not None:
                tensors[name] = ranker.packed()
        return {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}


def check_alignment(value: object) -> None:
    """Check that a value is an alignment: not every caller has a type checker.

    :raises DataError: the value is of another kind, such as the name of a folder.
    """
    if not isinstance(value, Alignment):
        raise DataError(
            f"alignment: {kind_of(value)}, expected an Alignment",
            "Read a folder with Alignment.from_pretrained(FOLDER).",
        )


def _describe(side: Side, role: str, draft: Path, folder: Path) -> SideConfig:
    path, vectors = side.vectors.path, side.vectors
    # Without a file, when it is gone or has changed, or when it would go with the old folder
    if (
        path is None
        or not path.is_file()
        or vectors.state not in (None, state_of(path))
        or within(path, folder)
    ):
        kept = vectors if isinstance(vectors, SubwordVectors) else vectors.table(side.limit)
        path = Path(f"{role}.bin" if isinstance(kept, SubwordVectors) else f"{role}.safetensors")
        save_vectors(kept, draft / path)
        stored = draft / path
    else:
        stored = path = path.resolve()
    return SideConfig(
        name=side.name,
        path=str(path),
        **identity(stored),
        limit=side.limit,
        words=len(side.mapped),
        dimension=side.vectors.dimension,
        normalization=tuple(side.to_shared.normalizer.steps),
    )


def _restore(
    folder: Path,
    config: SideConfig,
    role: str,
    tensors: Mapping[str, Floats],
    moved: Embedder | str | os.PathLike[str] | None,
) -> Side:
    to_shared = restore_map(config, role, tensors)
    if moved is None or isinstance(moved, str | os.PathLike):
        vectors = _read_vectors(folder, config, role, moved)
    else:
        vectors = moved
    limit, words = config.limit, config.words
    whole = len(vectors.vocabulary if isinstance(vectors, SubwordVectors) else vectors.words)
    available = whole if limit is None else min(whole, limit)
    if available < words:
        raise FormatError(
            f"{folder}: made of {words:,} {role} words, of which {vectors.path} gives {available:,}",
            "Align again.",
        )
    if vectors.dimension != len(to_shared.matrix):
        raise FormatError(
            f"{folder}: the {role} map takes {len(to_shared.matrix)} dimensions, "
            f"the vectors in {vectors.path} have {vectors.dimension}",
            "Align again.",
        )
    if available > words:  # a part of the file was in memory
        limit = words
    return Side(config.name, vectors, limit, to_shared)


def _read_vectors(
    folder: Path, config: SideConfig, role: str, moved: str | os.PathLike[str] | None
) -> Embedder:
    path = Path(moved) if moved is not None else located(folder, config.path)
    if not path.is_file():
        raise DataError(
            f"{path}: no such file, expected the {role} vectors of {folder}",
            f"Pass {role}=FILE to say where the file is now.",
        )
    if not unchanged(path, vars(config)):
        raise DataError(
            f"{path}: not the {role} vectors that {folder} was made from (their content differs)",
            f"Align again, or name the right file with {role}=FILE.",
        )
    return load_vectors(path, limit=config.limit, named=moved is not None)
