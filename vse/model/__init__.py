"""The model: two branches into one joint space, and the folder it is saved in.

A model folder holds ``model.safetensors``, ``config.json`` (architecture, languages and the word vectors
they need, how it was trained, metrics) and ``README.md``. The word vectors stay where they are unless they
are bundled. A language that is read through the lexicon has a copy of its alignment in ``<code>.lexicon``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from translator.errors import DataError, MissingDependencyError

try:
    import torch
    from torch import nn
except ImportError:
    raise MissingDependencyError("torch", "vse", "the package vse") from None

from translator.hub import push, resolve
from translator.layer import Translator
from translator.progress import track, with_progress
from translator.tokens import text_list
from translator.vectors import Embedder, Floats
from translator.vectors.matrices import allocate, finite_rows
from translator.writing import replacing
from vse.caption_search import EncodedCaptions
from vse.dataset import Split
from vse.model.architecture import Architecture
from vse.model.artefact import CONFIG_FIELDS, MODEL, checking_sizes, load_weights, read_config, write_model
from vse.model.image import ImageEncoder, feature_matrix
from vse.model.text import TextEncoder
from vse.search import By, Hit, ImageIndex, Levels
from vse.transfer import IDENTITY, Through, TranslatorLike, pivot_translator, read_through
from vse.words import look_up, random_texts
from vse.words.embeddings import LEXICON, Embeddings

__all__ = ["VSE", "Architecture"]

CHUNK = 8192  # texts or images prepared at a time: bounds the memory whatever their number
BATCH = 256  # texts of similar length that go through the GRU together


class VSE(nn.Module):
    """Encode images and captions of several languages into one joint space.

    :func:`vse.train` makes a trained model, and :meth:`from_pretrained` reads one.

    :param architecture: sizes of the model.
    :param pivot: code of the language whose word vectors the GRU reads; other languages reach them through
        their Translators.

    >>> import numpy as np, torch
    >>> from translator import WordVectors
    >>> from vse.model import VSE, Architecture
    >>> _ = torch.manual_seed(0)
    >>> model = VSE(Architecture(features=3, width=2, hidden=4, joint=4), pivot="en")
    >>> model.add_language("en", WordVectors(["dog", "cat"], np.eye(2, dtype=np.float32)))
    >>> model
    VSE(languages: en (pivot); features: 3; joint space: 4)
    >>> model.encode_text(["a dog", "two cats"]).shape
    (2, 4)
    >>> [len(hits) for hits in model.search(["a dog"], np.eye(3), k=2)]
    [2]
    """

    def __init__(self, architecture: Architecture, pivot: str) -> None:
        super().__init__()
        shape = architecture
        self.architecture, self.pivot = shape, pivot
        self.text = TextEncoder(shape.width, shape.hidden, shape.joint, shape.pooling, shape.bidirectional)
        self.image = ImageEncoder(shape.features, shape.joint)
        self.languages: dict[str, Embeddings] = {}
        self.record: Mapping[str, Any] = {}

    def __repr__(self) -> str:
        known = ", ".join(f"{code} (pivot)" if code == self.pivot else code for code in self.languages)
        shape = self.architecture
        return f"VSE(languages: {known or 'none'}; features: {shape.features}; joint space: {shape.joint})"

    def add_language(
        self,
        language: str,
        embeddings: Embeddings | Embedder | str | os.PathLike[str],
        translator: TranslatorLike | None = None,
        through: Through | None = None,
    ) -> None:
        """Add a language to those whose texts the model encodes; nothing is trained (zero-shot).

        :param language: its code. The pivot is added first.
        :param embeddings: its word vectors: a file, or vectors in memory.
        :param translator: what maps its word vectors into the pivot's: an alignment folder, an exported
            Translator (folder or ``.safetensors``), an :class:`~translator.Alignment` or a
            :class:`~translator.Translator`. It may end in the shared, the target's or the centred space and
            is carried into the centred space of the pivot, see :func:`vse.transfer.pivot_translator`, which
            also has ``"random"`` and ``"identity"``. None for the pivot, which needs none.
        :param through: ``lexicon``: a word is read as the pivot's words that translate it, by their
            probabilities (:class:`~translator.lexicon_vectors.LexiconVectors`), and the Translator starts as
            the identity; this needs an alignment. ``map``: a word is read as its own vector, mapped by the
            Translator. None: through the lexicon where there is an alignment.
        :raises DataError: the Translator is missing or does not fit, or the vectors cannot be read.

        >>> import numpy as np
        >>> from translator import Translator, WordVectors
        >>> from vse.model import VSE, Architecture
        >>> model = VSE(Architecture(features=3, width=2, hidden=4, joint=4), pivot="en")
        >>> model.add_language("en", WordVectors(["dog", "cat"], np.eye(2, dtype=np.float32)))
        >>> layer = Translator.from_affine(np.eye(2)[::-1], np.zeros(2), ends="target")
        >>> model.add_language("fr", WordVectors(["chat", "chien"], np.eye(2, dtype=np.float32)), layer)
        >>> bool(np.allclose(model.encode_text("chien", "fr"), model.encode_text("dog", "en")))
        True
        """
        source = embeddings if isinstance(embeddings, Embeddings) else Embeddings.open(language, embeddings)
        if language == self.pivot:
            self._set_pivot(source, translator)
        else:
            if self.pivot not in self.languages:
                raise DataError(
                    f"{language!r} cannot be added before {self.pivot!r}, the pivot",
                    f"Call add_language({self.pivot!r}, EMBEDDINGS) first.",
                )
            pivot = self.languages[self.pivot]
            source = read_through(source, pivot, translator, through)
            start = translator if source.alignment is None else IDENTITY
            self.text.add_translator(language, pivot_translator(start, source, pivot, self.text.mean))
        self.languages[language] = source

    def _set_pivot(self, source: Embeddings, translator: TranslatorLike | None) -> None:
        if translator is not None:
            raise DataError(
                f"a Translator for {self.pivot!r}, the pivot: its word vectors are read as they are",
                "Leave it out. In training from scratch the pivot is the language named first.",
            )
        if source.dimension != self.architecture.width:
            raise DataError(
                f"{self.pivot}: vectors of {source.dimension} dimensions, expected {self.architecture.width}"
            )
        self.text.mean.copy_(torch.from_numpy(source.mean()))

    def embeddings(self, language: str | None = None) -> Embeddings:
        """Return the word vectors of a language.

        :param language: None for the only language of the model.
        :raises DataError: the model does not know the language, or knows several and none is named.
        """
        if not self.languages:
            raise DataError("the model has no language yet", f"Add the pivot, {self.pivot!r}, first.")
        known = ", ".join(self.languages)
        if language is None and len(self.languages) != 1:
            raise DataError(f"the model knows several languages: {known}", "Name one: pass language=CODE.")
        if language is not None and language not in self.languages:
            raise DataError(
                f"the model does not know the language {language!r}; it knows {known}",
                f'Add the language with embeddings={{"{language}": FILE}} and '
                f'translators={{"{language}": FOLDER}}.',
            )
        return self.languages[language or next(iter(self.languages))]

    @with_progress
    @torch.no_grad()
    def encode_text(
        self, texts: str | Sequence[str], language: str | None = None, *, show_progress: bool | None = None
    ) -> Floats:
        """Encode texts into unit rows of the joint space; memory is bounded for any number of texts.

        :param texts: a list of texts, or one text.
        :param language: language of the texts; None for the only language of the model.
        :param show_progress: None shows a progress bar on a terminal and in a notebook.
        :returns: float32 [len(texts), e]; [e] for one text.
        :raises DataError: the language is unknown, its word vectors are missing or have changed, or a text
            is not a string.
        """
        listed, source = text_list(texts), self.embeddings(language)
        encoded = allocate(len(listed), self.architecture.joint)
        with _evaluating(self):
            for start in track(range(0, len(listed), CHUNK), "encoding texts"):
                words = look_up(listed[start : start + CHUNK], source.reader, lowercase=source.lowercase)
                by_length = np.argsort(words.lengths, kind="stable")
                for rows in np.split(by_length, range(BATCH, len(by_length), BATCH)):
                    encoded[start + rows] = self.text(words.batch(rows), source.language).cpu().numpy()
        return encoded[0] if isinstance(texts, str) else encoded

    @with_progress
    @torch.no_grad()
    def encode_image(self, features: npt.ArrayLike, *, show_progress: bool | None = None) -> Floats:
        """Encode image features into unit rows of the joint space.

        :param features: [n, f], also as lists of numbers; may be a memory map. [f] for one image.
        :param show_progress: None shows a progress bar on a terminal and in a notebook.
        :returns: float32 [n, e]; [e] for one image.
        :raises DataError: these are not such numbers, their width is not the model's, or a value is not
            finite.
        """
        matrix = feature_matrix(features, self.architecture.features)
        encoded = allocate(len(matrix), self.architecture.joint)
        with _evaluating(self):
            for start in track(range(0, len(matrix), CHUNK), "encoding images"):
                block = np.array(matrix[start : start + CHUNK], np.float32)  # may not be writable
                if not (finite := finite_rows(block)).all():
                    raise DataError(f"features in row {start + int(finite.argmin())} are not finite")
                encoded[start : start + CHUNK] = (
                    self.image(torch.from_numpy(block).to(self.device)).cpu().numpy()
                )
        return encoded[0] if np.ndim(features) == 1 else encoded

    def index(self, split: Split, languages: Sequence[str] | None = None) -> ImageIndex:
        """Return the images of a split, encoded together with their captions, to be searched or saved.

        :param languages: of the captions; None for all that the model reads, an empty list for none.
        :raises DataError: features do not fit, the model or the split lacks a language, or word vectors are
            missing.
        """
        codes = (
            [code for code in split.captions if code in self.languages] if languages is None else languages
        )
        captions = split.only(codes).captions
        parts = [
            (code, found.texts, found.images, self.encode_text(found.texts, code))
            for code, found in captions.items()
        ]
        return ImageIndex(
            self.encode_image(split.features), list(split.ids), captions=EncodedCaptions.of(parts)
        )

    @overload
    def search(  # type: ignore[overload-overlap]  # a string is a sequence of strings
        self,
        texts: str,
        images: ImageIndex | npt.ArrayLike,
        k: int = 10,
        *,
        language: str | None = None,
        by: By | None = None,
    ) -> list[Hit]: ...
    @overload
    def search(
        self,
        texts: Sequence[str],
        images: ImageIndex | npt.ArrayLike,
        k: int = 10,
        *,
        language: str | None = None,
        by: By | None = None,
    ) -> list[list[Hit]]: ...
    def search(
        self,
        texts: str | Sequence[str],
        images: ImageIndex | npt.ArrayLike,
        k: int = 10,
        *,
        language: str | None = None,
        by: By | None = None,
    ) -> list[Hit] | list[list[Hit]]:
        """Return the k images nearest to each text, best first; exact unless the index has a graph.

        :param texts: a list of texts, or one text.
        :param images: an index of images and captions, see :meth:`index`, or features [n, f] to encode.
        :param language: language of the texts; None for the only language of the model.
        :param by: compare texts with ``images``, ``captions``, or ``both``, see
            :meth:`vse.ImageIndex.search`.
        :returns: a list of hits for each text; for one text its list.
        """
        index = images if isinstance(images, ImageIndex) else ImageIndex(self.encode_image(images))
        hits = index.search(np.atleast_2d(self.encode_text(texts, language)), k, by)
        return hits[0] if isinstance(texts, str) else hits

    def levels(self, index: ImageIndex, language: str | None = None) -> Levels:
        """Return the scores above which an answer is better than those of random texts; kept in the index.

        The texts are words drawn from the most frequent ones of the language. They are always the same.

        :param language: of the queries; None for the only language of the model.
        """
        source = self.embeddings(language)
        if source.language not in index.levels:
            texts = random_texts(source.vectors.words)
            index.levels[source.language] = index.reached(self.encode_text(texts, source.language))
        return index.levels[source.language]

    @property
    def data(self) -> dict[str, Any]:
        """Return where the data of training are, as arguments of :func:`vse.everything`; empty if unknown."""
        recorded = self.record.get("data")
        return recorded if isinstance(recorded, dict) else {}

    @property
    def device(self) -> torch.device:
        """Return the device that holds the weights."""
        return self.image.mean.device

    def save_pretrained(self, folder: str | os.PathLike[str], *, bundle: bool = False) -> None:
        """Write the model folder; it appears whole or not at all.

        :param bundle: put compact copies of the word vectors into it, so that the folder needs no other file.
        :raises DataError: the folder holds something other than a model, or cannot be written.
        """
        MODEL.check_replaceable(folder)
        with replacing(folder) as draft:
            draft.mkdir()
            self.write(draft, bundle=bundle, instead_of=Path(folder))

    def push_to_hub(
        self, repo_id: str, *, bundle: bool = True, private: bool | None = None, token: str | None = None
    ) -> str:
        """Upload the model folder to a repository of the Hugging Face Hub; return the address of the commit.

        :param repo_id: ``owner/name``; the repository is made if it does not exist.
        :param bundle: with compact copies of the word vectors, without which others cannot encode text.
        :param private: whether a new repository is private; None for the owner's default.
        :param token: with write access; by default the one that ``hf auth login`` stored.
        :raises DataError: the Hub refuses it.
        :raises MissingDependencyError: the extra ``hub`` is not installed.
        """
        return push(
            lambda folder: self.save_pretrained(folder, bundle=bundle), repo_id, private=private, token=token
        )

    def write(self, folder: Path, *, bundle: bool = False, instead_of: Path | None = None) -> None:
        """Write the model's files into an existing folder, ``config.json`` last: it makes a folder a model.

        :param instead_of: the folder that this one replaces; word vectors in it are copied.
        """
        place = instead_of or folder
        languages = {
            code: source.bundled(folder)
            if bundle or source.place is None or source.lies_in(place)
            else source
            for code, source in self.languages.items()
        }
        config = {
            "architecture": asdict(self.architecture),
            "pivot": self.pivot,
            "languages": {
                code: {**source.record, **source.write_alignment(folder)}
                for code, source in languages.items()
            },
            "translators": {code: _widths(layer) for code, layer in self.text.translators.items()},
            **self.record,
        }
        write_model(folder, config, self.state_dict())

    @classmethod
    def from_pretrained(
        cls,
        folder: str | os.PathLike[str],
        *,
        embeddings: Mapping[str, str | os.PathLike[str]] | None = None,
        token: str | None = None,
    ) -> VSE:
        """Read a model folder; word vectors are opened when the first text is encoded.

        :param folder: its path, or ``owner/name`` of a repository of the Hugging Face Hub.
        :param embeddings: by language, files of word vectors that are not where the folder says.
        :param token: of a private repository.
        :raises DataError: there is no model folder, or it is damaged.
        """
        place, moved = resolve(folder, token=token), dict(embeddings or {})
        config = read_config(place)
        model = _without_weights(place, config)
        for code, record in config["languages"].items():
            model.languages[code] = Embeddings.restore(code, record, place, moved.get(code))
        for code, record in config["languages"].items():
            if "lexicon" in record:
                pivot = model.embeddings(model.pivot)
                model.languages[code] = model.languages[code].read_through(place / f"{code}{LEXICON}", pivot)
        load_weights(model, place)
        model.record = {name: value for name, value in config.items() if name not in CONFIG_FIELDS}
        return model.eval()


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    """Put the model into evaluation mode within the block."""
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)


def _widths(layer: nn.Module) -> dict[str, int]:
    assert isinstance(layer, Translator)
    return {"in": layer.in_features, "out": layer.out_features}


def _without_weights(folder: Path, config: Mapping[str, Any]) -> VSE:
    """Build the model of a config without allocating its weights: the sizes in a config are not trusted."""
    with checking_sizes(folder), torch.device("meta"):
        model = VSE(Architecture(**config["architecture"]), config["pivot"])
        for code, shape in config["translators"].items():
            model.text.add_translator(code, Translator(int(shape["in"]), int(shape["out"]), ends="centred"))
    return model
