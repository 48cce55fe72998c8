"""The model: two branches into one joint space, and the folder it is kept in.

A model folder holds ``model.safetensors``, ``config.json`` (architecture, languages and the word vectors
they need, how it was trained, metrics) and ``README.md``. The word vectors stay where they are unless they
are bundled.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from translator.errors import DataError, FormatError, MissingDependencyError

try:
    import torch
    from torch import nn
except ImportError:
    raise MissingDependencyError("torch", "vse", "the package vse") from None

from translator.layer import Translator
from translator.progress import track
from translator.vectors import Embedder, Floats
from translator.vectors.matrices import allocate, finite_rows
from translator.writing import replacing
from vse.model.artefact import CARD, CONFIG, FORMAT, MODEL, TENSORS, read_config, read_tensors
from vse.model.card import model_card
from vse.model.image import ImageEncoder
from vse.model.text import Pooling, TextEncoder
from vse.search import Hit, ImageIndex
from vse.words import look_up
from vse.words.embeddings import Embeddings

CHUNK = 8192  # texts or pictures prepared at a time: bounds the memory whatever their number
BATCH = 256  # texts of similar length that go through the GRU together


@dataclass(frozen=True)
class Architecture:
    """Sizes of a model.

    :param features: f, width of the image features.
    :param width: d, width of the pivot's word vectors.
    :param hidden: units of the GRU, a direction.
    :param joint: e, width of the joint space.
    """

    features: int
    width: int
    hidden: int = 512
    joint: int = 512
    pooling: Pooling = "max"
    bidirectional: bool = False


class VSE(nn.Module):
    """Images and captions of several languages in one joint space.

    :param architecture: its sizes.
    :param pivot: the language whose word vectors the GRU reads as they are.
    """

    def __init__(self, architecture: Architecture, pivot: str) -> None:
        super().__init__()
        shape = architecture
        self.architecture, self.pivot = shape, pivot
        self.text = TextEncoder(shape.width, shape.hidden, shape.joint, shape.pooling, shape.bidirectional)
        self.image = ImageEncoder(shape.features, shape.joint)
        self.languages: dict[str, Embeddings] = {}
        self.record: Mapping[str, Any] = {}

    def add_language(
        self,
        language: str,
        embeddings: Embeddings | Embedder | str | os.PathLike[str],
        layer: Translator | None,
    ) -> None:
        """Let the model read a language: its word vectors, and its Translator into the pivot's space.

        :param layer: ends in the pivot's centred space (:func:`vse.transfer.load_translator` makes such);
            None for the pivot itself.
        :raises DataError: the widths do not fit, or it ends elsewhere, or wants rows of unit length.
        """
        if layer is not None and (layer.ends in ("target", "shared") or layer.unit_input):
            rows = "unit" if layer.unit_input else "raw"
            raise DataError(
                f"{language}: the Translator takes {rows} vectors, and where it ends is {layer.ends!r}; "
                "a model's takes raw ones and ends 'centred', in the pivot's space less its mean",
                "Let vse.training.recipes.read_language make it from an alignment.",
            )
        source = embeddings if isinstance(embeddings, Embeddings) else Embeddings.open(language, embeddings)
        widths = (self.architecture.width,) * 2 if layer is None else (layer.in_features, layer.out_features)
        if widths != (source.dimension, self.architecture.width):
            raise DataError(
                f"{language}: vectors of {source.dimension} dimensions cannot reach the pivot's "
                f"{self.architecture.width} through a Translator {widths[0]} -> {widths[1]}",
                "Align these vectors with the pivot's own: translator align SOURCE PIVOT",
            )
        self.languages[language] = source
        if layer is not None:
            self.text.add_translator(language, layer)

    def embeddings(self, language: str | None) -> Embeddings:
        """Word vectors of a language; None means the one there is.

        :raises DataError: the model does not know the language, or several and none is named.
        """
        known = ", ".join(self.languages)
        if language is None and len(self.languages) != 1:
            raise DataError(f"the model knows several languages: {known}", "Say which: --lang LANG")
        if language is not None and language not in self.languages:
            raise DataError(
                f"the model does not know the language {language!r}; it knows {known}",
                f"Give it one: --embeddings {language}=FILE --init-translator {language}=ALIGNMENT",
            )
        return self.languages[language or next(iter(self.languages))]

    @torch.no_grad()
    def encode_text(self, texts: Sequence[str], lang: str | None = None) -> Floats:
        """Unit rows of the joint space, float32 [len(texts), e]; bounded memory for any number of texts.

        :raises DataError: the language is unknown, or its word vectors are gone or have changed; or the texts
            are one string.
        """
        if isinstance(texts, str):  # which is a sequence of strings, too
            raise DataError(f"texts={texts!r}: one string, expected a list of texts", f"Encode [{texts!r}].")
        source = self.embeddings(lang)
        encoded = allocate(len(texts), self.architecture.joint)
        with _evaluating(self):
            for start in track(range(0, len(texts), CHUNK), "encoding texts"):
                words = look_up(texts[start : start + CHUNK], source.vectors, lowercase=source.lowercase)
                by_length = np.argsort(words.lengths, kind="stable")
                for some in np.split(by_length, range(BATCH, len(by_length), BATCH)):
                    encoded[start + some] = self.text(words.batch(some), source.language).cpu().numpy()
        return encoded

    @torch.no_grad()
    def encode_image(self, features: npt.NDArray[Any]) -> Floats:
        """Unit rows of the joint space, float32 [n, e], of features [n, f], which may be a memory map.

        :raises DataError: their width is not the model's, or a value is not finite.
        """
        if features.ndim != 2 or features.shape[1] != self.architecture.features:
            raise DataError(
                f"features of shape {list(features.shape)}, expected [n, {self.architecture.features}]",
                "Use the encoder that made the training features.",
            )
        encoded = allocate(len(features), self.architecture.joint)
        with _evaluating(self):
            for start in track(range(0, len(features), CHUNK), "encoding images"):
                block = np.array(features[start : start + CHUNK], np.float32)  # may not be writable
                if not (sound := finite_rows(block)).all():
                    raise DataError(f"features in row {start + int(sound.argmin())} are not finite")
                encoded[start : start + CHUNK] = (
                    self.image(torch.from_numpy(block).to(self.device)).cpu().numpy()
                )
        return encoded

    def search(
        self,
        texts: Sequence[str],
        images: ImageIndex | npt.NDArray[Any],
        k: int = 10,
        *,
        lang: str | None = None,
    ) -> list[list[Hit]]:
        """The k pictures nearest to each text, best first; exact but for an index with a graph.

        :param images: an :class:`~vse.search.ImageIndex`, or features [n, f] to encode.
        """
        index = images if isinstance(images, ImageIndex) else ImageIndex(self.encode_image(images))
        return index.search(self.encode_text(texts, lang), k)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.image.mean.device

    def save_pretrained(self, folder: str | os.PathLike[str], *, bundle: bool = False) -> None:
        """Write the model folder; it appears whole or not at all.

        :param bundle: put compact copies of the word vectors into it, so that the folder alone will do.
        :raises DataError: the folder holds something other than a model, or cannot be written.
        """
        MODEL.check_replaceable(folder)
        with replacing(folder) as draft:
            draft.mkdir()
            self.write(draft, bundle=bundle, instead_of=Path(folder))

    def write(self, folder: Path, *, bundle: bool = False, instead_of: Path | None = None) -> None:
        """Write the model's files into an existing folder; ``config.json``, which makes it a model, last.

        :param instead_of: the folder whose place it takes: word vectors that lie there are taken along.
        """
        from safetensors.torch import save_file

        place = instead_of or folder
        languages = {
            code: source.bundled(folder)
            if bundle or source.place is None or source.lies_in(place)
            else source
            for code, source in self.languages.items()
        }
        config = {
            "kind": "vse",
            "format": FORMAT,
            "architecture": asdict(self.architecture),
            "pivot": self.pivot,
            "languages": {code: dict(source.record) for code, source in languages.items()},
            "translators": {code: _shape(layer) for code, layer in self.text.translators.items()},
            **self.record,
        }
        state = {name: tensor.detach().cpu().contiguous() for name, tensor in self.state_dict().items()}
        with replacing(folder / TENSORS) as draft:
            save_file(state, draft, metadata={"format": "pt"})
        for name, text in (
            (CARD, model_card(config)),
            (CONFIG, json.dumps(config, indent=2, ensure_ascii=False) + "\n"),
        ):
            with replacing(folder / name) as draft:
                draft.write_text(text, encoding="utf-8")

    @classmethod
    def from_pretrained(
        cls, folder: str | os.PathLike[str], *, embeddings: Mapping[str, str | os.PathLike[str]] | None = None
    ) -> VSE:
        """Read a model folder; word vectors are opened when the first text is encoded.

        :param embeddings: where the word vectors of a language are now, if they moved.
        :raises DataError: no model folder, or a damaged one.
        """
        place, moved = Path(folder), dict(embeddings or {})
        config = read_config(place)
        model = _unfilled(place, config)
        for code, record in config["languages"].items():
            model.languages[code] = Embeddings.restore(code, record, place, moved.get(code))
        _load(model, read_tensors(place / TENSORS), place / TENSORS)
        known = {"kind", "format", "architecture", "pivot", "languages", "translators"}
        model.record = {name: value for name, value in config.items() if name not in known}
        return model.eval()


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    """The model as it is used, not trained, inside the block."""
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)


def _shape(layer: nn.Module) -> dict[str, Any]:
    assert isinstance(layer, Translator)
    return {"in": layer.in_features, "out": layer.out_features}


def _unfilled(folder: Path, config: Mapping[str, Any]) -> VSE:
    """A model that takes no memory yet: the sizes in a config are not trusted."""
    try:
        with torch.device("meta"):
            model = VSE(Architecture(**config["architecture"]), config["pivot"])
            for code, shape in config["translators"].items():
                model.text.add_translator(code, _layer(folder, shape))
    except (RuntimeError, TypeError) as error:
        raise FormatError(f"{folder / CONFIG}: no such model is possible ({error})", "Train again.") from None
    return model


def _layer(folder: Path, shape: Any) -> Translator:
    try:
        return Translator(int(shape["in"]), int(shape["out"]), ends="centred")
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise FormatError(f"{folder / CONFIG}: not a Translator ({error})", "Train again.") from None


def _load(model: VSE, tensors: Mapping[str, torch.Tensor], file: Path) -> None:
    expected = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    for name in sorted(expected.keys() | found.keys()):
        have, want = found.get(name), expected.get(name)
        if have != want:
            raise FormatError(
                f"{file}: the tensor {name!r} has shape {have}, the config asks for {want}", "Train again."
            )
        if not torch.isfinite(tensors[name]).all():
            raise FormatError(f"{file}: the tensor {name!r} holds values that are not finite", "Train again.")
    model.load_state_dict(tensors, assign=True)
