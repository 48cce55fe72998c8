"""The one file from which a run goes on: weights, best weights, optimiser, and where the run stood.

A checkpoint is written aside and renamed, before the first epoch and at the end of each. Every random choice
of an epoch follows from the seed and the epoch's number, so a run that goes on from a checkpoint ends in the
same weights as one that was never interrupted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from translator.errors import DataError, FormatError
from translator.writing import replacing
from vse.model.artefact import read_tensors

NAME = "checkpoint.safetensors"

Tensors = dict[str, torch.Tensor]


@dataclass
class Progress:
    """Where a run stands after an epoch.

    :param epoch: epochs done; ``step``: optimiser steps done.
    :param consumed: captions of each language that were trained on.
    :param recalls: Recall@10 of each language, in [0, 1], on galleries of one size.
    :param best_epoch: the epoch with the best rsum on the dev split; ``best_rsum`` that rsum.
    :param history: one entry an epoch, plain values.
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
    """A run between two epochs.

    :param run: what the run was asked for; a run of something else does not go on from here.
    :param weights: of the model; ``best``: those of the best epoch.
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
        with replacing(folder / NAME) as draft:
            save_file(tensors, draft, metadata=metadata)

    @classmethod
    def load(cls, folder: Path, run: Mapping[str, Any]) -> Checkpoint:
        """Read the folder's checkpoint.

        :param run: what the run that goes on is asked for.
        :raises DataError: there is none, it is damaged, or it is of a run of something else.
        """
        from safetensors import safe_open

        file = folder / NAME
        if not file.is_file():
            raise DataError(f"{folder}: no checkpoint to resume from", "Leave --resume out to start anew.")
        tensors = read_tensors(file)
        try:
            with safe_open(file, "pt") as stored:
                metadata = stored.metadata() or {}
            known, progress = json.loads(metadata["run"]), Progress(**json.loads(metadata["progress"]))
            check_same(file, known, run)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise FormatError(f"{file}: not a checkpoint ({error!r})", "Start anew.") from None
        groups: dict[str, Tensors] = {"weights": {}, "best": {}, "optimiser": {}}
        for name, tensor in tensors.items():
            group, _, member = name.partition("/")
            groups.setdefault(group, {})[member] = tensor
        return cls(known, progress, groups["weights"], groups["best"], groups["optimiser"])


def check_same(file: Path, known: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    """See that the run that ``file`` is of was asked for what this one is asked for.

    :raises DataError: it was not; the message names what differs.
    """
    before, now = (dict(_flat(json.loads(json.dumps(run)))) for run in (known, asked))
    differing = [name for name in sorted(before.keys() | now.keys()) if before.get(name) != now.get(name)]
    if differing:
        told = ", ".join(f"{name} {before.get(name)!r} (now {now.get(name)!r})" for name in differing)
        raise DataError(
            f"{file}: the run was started with {told}",
            "Resume with the same data and options, or start anew in another folder.",
        )


def _flat(value: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Values by name, ``options.lr`` for one within another."""
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _flat(inner, f"{above}{name}.")
        else:
            yield above + name, inner
