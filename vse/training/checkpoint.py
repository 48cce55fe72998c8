"""The file from which a run is resumed: weights, best weights, optimiser and progress.

A checkpoint is replaced before the first epoch and after each. Every random choice of an epoch follows from
the seed and the epoch's number, so a run resumed from a checkpoint ends in the same weights as one that was
never interrupted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from translator.errors import DataError, FormatError
from translator.files import read_safetensors
from translator.writing import replacing
from vse.model.artefact import CHECKPOINT

START_AGAIN = "Start again from the beginning."

Tensors = dict[str, torch.Tensor]


@dataclass
class Progress:
    """Progress of a run after an epoch.

    :param epoch: number of epochs done.
    :param step: number of optimiser steps done.
    :param consumed: number of captions of each language that were trained on.
    :param recalls: Recall@10 of each language, in [0, 1], on galleries of one size.
    :param best_epoch: the epoch with the best rsum on the dev split; 0 is the model of the start.
    :param best_rsum: its rsum.
    :param history: one entry for each epoch, plain values; with epoch 0 if a run starts from a model.
    """

    epoch: int = 0
    step: int = 0
    consumed: dict[str, int] = field(default_factory=dict)
    recalls: dict[str, float] = field(default_factory=dict)
    best_epoch: int = 0
    best_rsum: float = float("-inf")
    history: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Checkpoint:
    """State of a run between two epochs.

    :param run: description of the run; only a run with the same description can be resumed from it.
    :param weights: weights of the model.
    :param best: weights of the best epoch.
    :param optimiser: moments by ``moment/parameter``.
    """

    run: Mapping[str, Any]
    progress: Progress
    weights: Tensors
    best: Tensors
    optimiser: Tensors

    def save(self, folder: Path) -> None:
        """Replace the folder's checkpoint."""
        from safetensors.torch import save_file

        groups = {"weights": self.weights, "best": self.best, "optimiser": self.optimiser}
        tensors = {
            f"{group}/{name}": tensor.detach().cpu().contiguous().clone()
            for group, members in groups.items()
            for name, tensor in members.items()
        }
        metadata = {"run": json.dumps(self.run), "progress": json.dumps(vars(self.progress))}
        with replacing(folder / CHECKPOINT) as draft:
            save_file(tensors, draft, metadata=metadata)

    @classmethod
    def load(cls, folder: Path, run: Mapping[str, Any]) -> Checkpoint:
        """Read the folder's checkpoint.

        :param run: description of the run that is resumed.
        :raises DataError: there is none, it is damaged, or it is of a run with another description.
        """
        file = folder / CHECKPOINT
        if not file.is_file():
            raise DataError(
                f"{folder}: no checkpoint to resume from", "Leave out `resume` to start from the beginning."
            )
        tensors, metadata = read_safetensors(file, framework="pt", hint=START_AGAIN)
        try:
            saved, progress = json.loads(metadata["run"]), Progress(**json.loads(metadata["progress"]))
            check_same(file, saved, run)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise FormatError(f"{file}: not a checkpoint ({error!r})", START_AGAIN) from None
        groups: dict[str, Tensors] = {"weights": {}, "best": {}, "optimiser": {}}
        for name, tensor in tensors.items():
            group, _, member = name.partition("/")
            groups.setdefault(group, {})[member] = tensor
        return cls(saved, progress, groups["weights"], groups["best"], groups["optimiser"])


def check_same(file: Path, saved: Mapping[str, Any], resumed: Mapping[str, Any]) -> None:
    """Check that the run saved in ``file`` has the description of the run that is resumed.

    :raises DataError: the descriptions differ; the message names where.
    """
    before, now = (dict(_flat(json.loads(json.dumps(run)))) for run in (saved, resumed))
    differing = [name for name in sorted(before.keys() | now.keys()) if before.get(name) != now.get(name)]
    if differing:
        listed = ", ".join(f"{name} {before.get(name)!r} (now {now.get(name)!r})" for name in differing)
        raise DataError(
            f"{file}: the run was started with {listed}",
            "Resume with the same data and options, or start again in another folder.",
        )


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield values by name; a nested one is named as in ``options.lr``."""
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _flat(inner, f"{prefix}{name}.")
        else:
            yield prefix + name, inner
