"""The files of a model folder: written, and read without trust in what they say."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import torch
from torch import nn

from translator.alignment.artefact import CARD, CONFIG, TENSORS
from translator.errors import DataError, FormatError
from translator.files import check_format, json_of, read_json, read_safetensors
from translator.writing import Kind, replacing
from vse.model.card import model_card
from vse.model.text import Pooling
from vse.words.embeddings import LEXICON

__all__ = [
    "CARD",
    "CHECKPOINT",
    "CONFIG",
    "CONFIG_FIELDS",
    "MODEL",
    "TENSORS",
    "checking_sizes",
    "load_weights",
    "read_config",
    "write_model",
]

FORMAT = 1
CONFIG_FIELDS = ("kind", "format", "architecture", "pivot", "languages", "translators")  # all else is record
MODEL = Kind(
    "a model",
    lambda folder: json_of(folder / CONFIG).get("kind") == "vse",
    ("*.safetensors", f"*{LEXICON}", CONFIG, CARD),
)

CHECKPOINT = "checkpoint.safetensors"  # in the folder of a run until its model is written

TRAIN_AGAIN = "Train the model again."

_ARCHITECTURE: Mapping[str, type] = {
    "features": int,
    "width": int,
    "hidden": int,
    "joint": int,
    "pooling": str,
    "bidirectional": bool,
}


def write_model(folder: Path, config: Mapping[str, Any], state: Mapping[str, torch.Tensor]) -> None:
    """Write weights, card and config into an existing folder; the config, which makes it a model, last.

    :param config: of a model, without ``kind`` and ``format``.
    :param state: the state dict.
    """
    from safetensors.torch import save_file

    config = {"kind": "vse", "format": FORMAT, **config}
    with replacing(folder / TENSORS) as draft:
        weights = {name: tensor.detach().cpu().contiguous() for name, tensor in state.items()}
        save_file(weights, draft, metadata={"format": "pt"})
    for name, text in (
        (CARD, model_card(config)),
        (CONFIG, json.dumps(config, indent=2, ensure_ascii=False) + "\n"),
    ):
        with replacing(folder / name) as draft:
            draft.write_text(text, encoding="utf-8")


def read_config(folder: Path) -> dict[str, Any]:
    """Return the ``config.json`` of a model folder, checked.

    :raises DataError: the folder holds none, or it is damaged or of a newer format.
    """
    file = folder / CONFIG
    if not file.is_file() and (folder / CHECKPOINT).is_file():
        raise DataError(
            f"{folder}: holds the checkpoint of an unfinished run and no model yet",
            "If its training was interrupted, run train again with resume=True.",
        )
    if not file.is_file():
        raise DataError(f"{folder}: no model folder (it has no {CONFIG})", "Train a model there first.")
    config = read_json(file)
    if config.get("kind") != "vse":
        raise DataError(
            f"{folder}: holds something other than a trained model", "Name a folder that training wrote."
        )
    check_format(file, config, FORMAT)
    shape = config.get("architecture")
    shape = shape if isinstance(shape, dict) else {}
    wrong = [name for name, kind in _ARCHITECTURE.items() if type(shape.get(name)) is not kind]
    wrong += [name for name in ("features", "width", "hidden", "joint") if not wrong and shape[name] < 1]
    wrong += [name for name in ("languages", "translators") if not isinstance(config.get(name), dict)]
    wrong += [] if isinstance(config.get("pivot"), str) else ["pivot"]
    wrong += [] if wrong or shape["pooling"] in get_args(Pooling) else ["pooling"]
    if wrong:
        raise FormatError(
            f"{file}: not the config of a model ({wrong[0]!r} is missing or wrong)", TRAIN_AGAIN
        )
    return config


@contextmanager
def checking_sizes(folder: Path) -> Iterator[None]:
    """Say that a config is damaged where layers of its sizes cannot be built within the block.

    :raises FormatError: they cannot.
    """
    try:
        yield
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        raise FormatError(
            f"{folder / CONFIG}: no model of these sizes is possible ({error})", TRAIN_AGAIN
        ) from None


def load_weights(model: nn.Module, folder: Path) -> None:
    """Give a model the weights of its folder.

    :raises FormatError: the file is missing or damaged, or its tensors are not those of the model.
    """
    file = folder / TENSORS
    tensors, _ = read_safetensors(file, framework="pt", hint=TRAIN_AGAIN)
    expected = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    for name in sorted(expected.keys() | found.keys()):
        have, want = found.get(name), expected.get(name)
        if have != want:
            raise FormatError(
                f"{file}: the tensor {name!r} has shape {have}, the config asks for {want}", TRAIN_AGAIN
            )
        if not torch.isfinite(tensors[name]).all():
            raise FormatError(f"{file}: the tensor {name!r} holds values that are not finite", TRAIN_AGAIN)
    model.load_state_dict(tensors, assign=True)
