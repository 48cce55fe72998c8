"""Export of a model to ``.safetensors`` for plain torch: the image branch, and a language's text branch.

Files of :func:`write_image` and :func:`write_text` in use, here with pooling ``max`` and one direction. The
sizes are those of the model: f, joint, d of the language's word vectors, width of the pivot's, hidden::

    from safetensors.torch import load_file
    from torch import inf, nn
    from torch.nn.functional import normalize
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    image = nn.Linear(f, joint)
    image.load_state_dict(load_file("run.image.safetensors"))
    images = normalize(image(features), dim=1)  # features as they are, [n, f]

    gru = nn.GRU(width, hidden, batch_first=True)
    layers = {"translator": nn.Linear(d, width), "gru": gru, "joint": nn.Linear(hidden, joint)}
    text = nn.ModuleDict(layers)
    text.load_state_dict(load_file("run.de.safetensors"))
    known = vectors.any(dim=2, keepdim=True)  # raw vectors [n, t, d]: zeros for a word without one
    words = normalize(text["translator"](vectors), dim=2) * known
    states, last = gru(pack_padded_sequence(words, lengths, batch_first=True, enforce_sorted=False))
    pooled = pad_packed_sequence(states, batch_first=True, padding_value=-inf)[0].amax(dim=1)
    captions = normalize(text["joint"](pooled), dim=1)

A text without any word is one word without a vector. The metadata of a text file hold ``language``,
``lowercase`` (whether words are lower-cased before their vectors are looked up), ``through`` and ``pooling``.
For a language read through the ``lexicon`` the raw vectors are those of its words among the pivot's, of
:class:`~translator.lexicon_vectors.LexiconVectors`. ``pooling`` says where the lines above change. Pooling
``mean``, and ``last``::

    pooled = pad_packed_sequence(states, batch_first=True)[0].sum(dim=1) / lengths[:, None]
    pooled = last.transpose(0, 1).flatten(1)

In two directions the GRU is made with ``bidirectional=True``, and ``joint`` with ``2 * hidden`` inputs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np
from safetensors.torch import save_file
from torch import Tensor

from translator.layer import Translator
from translator.writing import replacing
from vse.model import VSE


def image_state(model: VSE) -> dict[str, Tensor]:
    """Return the state dict of an ``nn.Linear`` from raw features to the joint space, unscaled.

    :returns: ``weight`` float32 [e, f] and ``bias`` float32 [e], the standardisation folded in.
    """
    image = model.image
    parts = (image.linear.weight, image.linear.bias, image.mean, image.scale)
    weight, bias, mean, scale = (part.detach().cpu().double() for part in parts)
    weight = weight * scale
    return _plain({"weight": weight, "bias": bias - weight @ mean})


def translator_of(model: VSE, language: str) -> Translator:
    """Return the layer from a language's raw word vectors into the pivot's centred space.

    For the pivot it only subtracts the mean.

    :raises DataError: the model does not know the language.
    """
    code = model.embeddings(language).language
    if code in model.text.translators:
        layer = model.text.translators[code]
        assert isinstance(layer, Translator)
        return layer
    mean = model.text.mean.cpu().numpy()
    return Translator.from_affine(np.eye(len(mean), dtype=np.float32), -mean, ends="centred")


def text_state(model: VSE, language: str) -> dict[str, Tensor]:
    """Return the state dict of the layers between a language's raw word vectors and the joint space.

    :returns: ``translator.*`` of an ``nn.Linear``, ``gru.*`` of an ``nn.GRU`` and ``joint.*`` of an
        ``nn.Linear``; float32.
    :raises DataError: the model does not know the language.
    """
    layers = {
        "translator": translator_of(model, language),
        "gru": model.text.gru,
        "joint": model.text.joint,
    }
    return _plain(
        {f"{part}.{name}": t for part, layer in layers.items() for name, t in layer.state_dict().items()}
    )


def write_image(model: VSE, path: str | os.PathLike[str]) -> None:
    """Write :func:`image_state` as a ``.safetensors`` file."""
    _write(image_state(model), path, {})


def write_text(model: VSE, language: str, path: str | os.PathLike[str]) -> None:
    """Write :func:`text_state` as ``.safetensors``, with what its input must be as metadata.

    :raises DataError: the model does not know the language.
    """
    state = text_state(model, language)
    about = {
        "language": language,
        "lowercase": str(model.embeddings(language).lowercase).lower(),
        "through": model.embeddings(language).through,
        "pooling": model.text.pooling,
    }
    _write(state, path, about)


def _plain(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().float().contiguous() for name, tensor in state.items()}


def _write(state: dict[str, Tensor], path: str | os.PathLike[str], about: Mapping[str, str]) -> None:
    with replacing(path) as draft:
        save_file(state, draft, metadata={"format": "pt", **about})
