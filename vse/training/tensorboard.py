"""The curves of a run for TensorBoard, where that package is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

Entry = Mapping[str, Any]  # of the history


@contextmanager
def board(folder: Path, epoch: int, *, enabled: bool = True) -> Iterator[Callable[[Entry], None]]:
    """What draws an epoch's entry of the history; it does nothing without TensorBoard.

    :param folder: of the event files.
    :param epoch: the last that stays; what a run that was interrupted drew beyond it is taken back.
    :param enabled: False where another process draws.
    """
    if not enabled or find_spec("tensorboard") is None:
        yield lambda entry: None
        return
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(folder), purge_step=epoch + 1) as writer:

        def draw(entry: Entry) -> None:
            for name, value in scalars(entry).items():
                writer.add_scalar(name, value, entry["epoch"])

        yield draw


def scalars(entry: Entry) -> dict[str, float]:
    """The points of an epoch by the names of their curves."""
    points: dict[str, float] = {name: entry[name] for name in ("loss", "gradient", "rsum")}
    points |= {f"share/{code}": share for code, share in entry["shares"].items()}
    for code, found in entry["dev"].items():
        for way in ("t2i", "i2t"):
            points |= {f"{way}_{recall}/{code}": found[way][recall] for recall in ("r1", "r5", "r10")}
    return points
