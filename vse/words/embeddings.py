"""Word vectors of one language of a model: identified by path and content, opened when needed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from translator.alignment import Alignment
from translator.alignment.artefact import CARD, CONFIG, TENSORS
from translator.errors import DataError, FormatError
from translator.files import existing, identity, located, unchanged, within
from translator.formats import load_vectors, save_compact, save_vectors
from translator.lexicon_vectors import LexiconVectors
from translator.tokens import is_cased
from translator.vectors import Embedder, Floats
from translator.vectors.subword import SubwordVectors
from translator.writing import replacing

LEXICON = ".lexicon"  # end of the name of an alignment folder within a model's
SAMPLE = 200_000  # most frequent words over which a mean is computed: the default limit of an alignment

KNOWN: Mapping[str, type] = {"bytes": int, "mtime_ns": int, "sha256": str}  # what identifies a file
_FIELDS: Mapping[str, type] = {"path": str, **KNOWN, "dimension": int, "lowercase": bool}


@dataclass(eq=False)
class Embeddings:
    """Word vectors of a language.

    :param language: its code.
    :param record: their entry in a model's config: path, size, time, SHA-256, dimension, and whether text
        is lower-cased because the vocabulary is; in a bundle also ``given``: size, time and SHA-256 of the
        vectors from which the compact copy was made.
    :param place: the file; None for vectors in memory without a file.
    :param named: whether the user named that file, and not only the model's config.
    :param alignment: with the pivot, or its folder, if words are read through the lexicon; None if they are
        read as they are.
    :param pivot: word vectors of the pivot, which ``alignment`` ends in.
    """

    language: str
    record: Mapping[str, Any]
    place: Path | None
    named: bool = True
    alignment: Alignment | Path | None = field(default=None, repr=False)
    pivot: Embeddings | None = field(default=None, repr=False)
    _vectors: Embedder | None = field(default=None, repr=False)
    _reader: Embedder | None = field(default=None, repr=False)

    @classmethod
    def open(cls, language: str, source: Embedder | str | os.PathLike[str]) -> Embeddings:
        """Open word vectors that are new to a model: a file, or vectors in memory.

        :raises DataError: the file cannot be read, or these are no word vectors.
        """
        vectors = load_vectors(source) if isinstance(source, str | os.PathLike) else source
        if not hasattr(vectors, "embed"):
            raise DataError(
                f"{language}: word vectors of type {type(source).__name__}, expected a file or vectors"
            )
        record: dict[str, Any] = {"dimension": vectors.dimension, "lowercase": not is_cased(vectors.words)}
        if vectors.path is not None:
            place = vectors.path.resolve()
            record = {"path": str(place), **identity(place), **record}
        return cls(language, record, vectors.path, _vectors=vectors)

    @classmethod
    def restore(
        cls, language: str, record: Any, folder: Path, moved: str | os.PathLike[str] | None = None
    ) -> Embeddings:
        """Return the word vectors that the config in ``folder`` describes; nothing is opened yet.

        :param moved: the file where they are now, if they were moved.
        :raises FormatError: the record is damaged.
        """
        parts = [(record, _FIELDS)]
        if isinstance(record, dict) and "given" in record:
            parts.append((record["given"], KNOWN))
        for part, fields in parts:
            for name, kind in fields.items():
                if not isinstance(part, dict) or not isinstance(part.get(name), kind):
                    raise FormatError(
                        f"{folder}: not the config of a model"
                        f" (word vectors of {language}: {name!r} is missing or wrong)"
                    )
        place = Path(moved) if moved is not None else located(folder, record["path"])
        known = {name: value for name, value in record.items() if name != "lexicon"}
        return cls(language, {**known, "path": str(place.resolve())}, place, named=moved is not None)

    @property
    def dimension(self) -> int:
        """Return d, the width of the vectors."""
        return int(self.record["dimension"])

    @property
    def lowercase(self) -> bool:
        """Tell whether text is lower-cased before it is looked up."""
        return bool(self.record["lowercase"])

    @property
    def vectors(self) -> Embedder:
        """Return the vectors, which are read on first use.

        :raises DataError: the file is missing, or its content is not that of training.
        """
        if self._vectors is None:
            assert self.place is not None, "vectors in memory are set from the start"
            self._vectors = self._read(self.place)
        return self._vectors

    @property
    def through(self) -> str:
        """Return what words are read through: the ``lexicon``, or the ``map`` alone."""
        return "map" if self.alignment is None else "lexicon"

    def read_through(self, alignment: Alignment | Path | None, pivot: Embeddings | None) -> Embeddings:
        """Return the same vectors, to be read through the lexicon of an alignment, or (None) as they are."""
        return replace(self, alignment=alignment, pivot=pivot, _reader=None)

    @property
    def reader(self) -> Embedder:
        """Return what a text's words are looked up in: these vectors, or through the lexicon the pivot's.

        :raises DataError: as :attr:`vectors`, or the alignment's folder is missing or damaged.
        """
        if self._reader is None:
            self._reader = self._open_reader()
        return self._reader

    def _open_reader(self) -> Embedder:
        if self.alignment is None:
            return self.vectors
        if isinstance(self.alignment, Alignment):
            return LexiconVectors(self.alignment)
        assert self.pivot is not None, "an alignment comes with the pivot"
        sides = self.vectors, self.pivot.vectors
        return LexiconVectors(Alignment.from_pretrained(self.alignment, source=sides[0], target=sides[1]))

    @property
    def width(self) -> int:
        """Return the width of the rows that the Translator gets."""
        return self.dimension if self.pivot is None else self.pivot.dimension

    def _read(self, place: Path) -> Embedder:
        hint = (
            f'Say where they are: embeddings={{"{self.language}": FILE}}. '
            "A model saved with bundle=True holds its own."
        )
        if not place.is_file():
            raise DataError(f"{place}: no such file, expected the word vectors of {self.language!r}", hint)
        if not any(unchanged(place, known) for known in (self.record, self.record.get("given")) if known):
            raise DataError(
                f"{place}: not the word vectors of {self.language!r} that the model was trained with"
                " (their content differs)",
                hint,
            )
        vectors = load_vectors(existing(place), named=self.named)
        if vectors.dimension != self.dimension:
            raise FormatError(f"{place}: {vectors.dimension} dimensions, the config says {self.dimension}")
        return vectors

    def mean(self) -> Floats:
        """Return the mean of the most frequent words' vectors, float32 [d]."""
        mean: Floats = self.vectors.table(SAMPLE).matrix.mean(axis=0, dtype="float64").astype("float32")
        return mean

    def lies_in(self, folder: Path) -> bool:
        """Tell whether the file is within a folder."""
        return self.place is not None and within(self.place, folder)

    def bundled(self, folder: Path) -> Embeddings:
        """Write a compact copy into ``folder``: every word keeps a vector, subwords included.

        Rows are rounded: to 8 bits where they are averaged over n-grams, to 16 where they are whole words'.
        """
        file = folder / f"{self.language}.words.safetensors"  # a language may be called "model"
        vectors = self.vectors
        if isinstance(vectors, SubwordVectors):
            save_compact(vectors, file)
        else:
            save_vectors(vectors.table(), file, half=True)
        given = self.record.get("given") or {name: self.record[name] for name in KNOWN if name in self.record}
        record = {**self.record, "path": file.name, **identity(file), **({"given": given} if given else {})}
        return replace(self, record=record, place=file, _vectors=None, _reader=None)

    def write_alignment(self, folder: Path) -> dict[str, str]:
        """Write the alignment, if there is one, into a model's folder; return what records it."""
        if self.alignment is None:
            return {}
        place = folder / f"{self.language}{LEXICON}"
        if isinstance(self.alignment, Alignment):
            self.alignment.save_pretrained(place)
        else:
            with replacing(place) as draft:
                draft.mkdir()
                for name in (TENSORS, CONFIG, CARD):
                    shutil.copyfile(self.alignment / name, draft / name)
        return {"lexicon": place.name}


def contents(record: Mapping[str, Any]) -> set[str]:
    """Return the SHA-256 of word vectors, and of the vectors from which a compact copy was made."""
    return {known["sha256"] for known in (record, record.get("given", {})) if "sha256" in known}
