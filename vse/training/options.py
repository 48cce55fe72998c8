"""All options of a training run, and its learning rate schedule."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

from translator.errors import DataError
from vse.model.text import Pooling
from vse.training.sampling import Sampling

Schedule = Literal["cosine", "step", "constant"]
Hinges = Literal["sum", "max"]
Precision = Literal["float32", "bfloat16"]

LEAST = {
    **dict.fromkeys(("steps", "hidden", "joint", "subset"), 1),
    "batch": 2,
    **dict.fromkeys(
        ("epochs", "freeze_epochs", "patience", "random_state", "weight_decay", "clip", "margin"), 0
    ),
}
CHOICES = {
    "schedule": Schedule,
    "loss": Hinges,
    "pooling": Pooling,
    "sampling": Sampling,
    "precision": Precision,
}
SHAPE = ("hidden", "joint", "pooling", "bidirectional")
STEP_AT, STEP_BY = 0.5, 0.1  # ``step``: after half of the epochs, to a tenth


@dataclass(frozen=True)
class TrainingOptions:
    """Set the options of :func:`vse.train`; all have defaults.

    :param epochs: maximum number of passes over the data; 0 evaluates the model to start from and stores
        it with the languages of the recipe.
    :param batch: captions a step, over all processes.
    :param steps: steps an epoch; None uses each caption once.
    :param lr: learning rate of Adam at its highest; it rises over the first ``warm_up`` of all steps.
    :param schedule: how it falls afterwards: ``cosine`` to zero, one ``step`` to a tenth, or not at all.
    :param weight_decay: decoupled weight decay (AdamW).
    :param clip: maximum norm of all gradients together; 0 for none.
    :param margin: margin of the hinges.
    :param loss: ``sum`` of hinges, or ``max``: after ``ramp`` of all steps the hardest negative alone.
    :param dropout: share of the image features, and of the pooled states, dropped in training.
    :param word_dropout: share of the words dropped in training.
    :param hidden: field of :class:`vse.model.Architecture`, as ``joint``, ``pooling`` and ``bidirectional``;
        None for its default, or for that of the model to start from.
    :param freeze_epochs: number of first epochs in which only the Translators learn.
    :param sampling: each language's share of an epoch; ``tau`` and ``floor`` belong to ``active``.
    :param subset: number of images to train on, drawn at random; an auxiliary language keeps all of its own.
    :param patience: stop after that many epochs without a better rsum; 0 never stops early.
    :param random_state: the seed of every random choice.
    :param device: ``cpu`` or a torch device.
    :param precision: type to which factors of the GRU's products are rounded in training. Processors with
        native ``bfloat16`` then take about three quarters of the time. All else is float32, and so is
        all that a trained model encodes.
    :raises DataError: a value is not allowed.

    >>> TrainingOptions(epochs=5, random_state=1).rate(step=0, total=100)
    0.0002
    """

    epochs: int = 20
    batch: int = 128
    steps: int | None = None
    lr: float = 1e-3
    schedule: Schedule = "cosine"
    warm_up: float = 0.05
    weight_decay: float = 0.0
    clip: float = 2.0
    margin: float = 0.2
    loss: Hinges = "sum"
    ramp: float = 0.25
    dropout: float = 0.3
    word_dropout: float = 0.1
    hidden: int | None = None
    joint: int | None = None
    pooling: Pooling | None = None
    bidirectional: bool | None = None
    freeze_epochs: int = 0
    sampling: Sampling = "proportional"
    tau: float = 0.1
    floor: float = 0.1
    subset: int | None = None
    patience: int = 0
    random_state: int = 0
    device: str = "cpu"
    precision: Precision = "float32"

    def __post_init__(self) -> None:
        for name, kind in CHOICES.items():
            value, allowed = getattr(self, name), get_args(kind)
            if value not in allowed and (name, value) != ("pooling", None):
                raise DataError(f"{name} {value!r}: expected one of {', '.join(allowed)}")
        for name, least in LEAST.items():
            if getattr(self, name) is not None and not least <= getattr(self, name) < math.inf:
                raise DataError(f"{name} {getattr(self, name)}: expected {least} or more")
        for name in ("lr", "tau"):
            if not 0 < getattr(self, name) < math.inf:
                raise DataError(f"{name} {getattr(self, name)}: expected a positive number")
        for name in ("warm_up", "ramp", "dropout", "word_dropout", "floor"):
            if not 0 <= getattr(self, name) <= 1:
                raise DataError(f"{name} {getattr(self, name)}: expected a number from 0 to 1")
        if self.precision != "float32" and not self.device.startswith("cpu"):
            raise DataError(
                f"precision {self.precision} is for the CPU, the device is {self.device!r}",
                "Leave `precision` out: on a GPU the GRU multiplies in TF32.",
            )
        if self.dropout == 1:
            raise DataError("dropout 1.0 leaves nothing to learn from", "Choose a number below 1.")

    def shape(self) -> dict[str, Any]:
        """Return the fields of the architecture that are set, by name."""
        return {name: value for name in SHAPE if (value := getattr(self, name)) is not None}

    def rate(self, step: int, total: int) -> float:
        """Return the learning rate of a step, counted from 0, of ``total``."""
        warm_up = self.warm_up * total
        rising = min(1.0, (step + 1) / warm_up) if warm_up else 1.0
        if self.schedule == "cosine":
            return self.lr * rising * 0.5 * (1 + math.cos(math.pi * step / total))
        if self.schedule == "step" and step >= STEP_AT * total:
            return self.lr * STEP_BY
        return self.lr * rising
