"""What an alignment's record says of how it was made, checked: the record comes from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from translator.alignment.training import Training, training
from translator.errors import FormatError
from translator.fitting.agreement import Agreement


@dataclass(frozen=True)
class HeldOut:
    """A ranker of one direction, measured on words of the dictionary that the map had not seen.

    :param words: it was learnt from; each was scored by one that had learnt from other two thirds.
    """

    words: int
    map_p_at_1: float
    reranked_p_at_1: float
    calibration_error: float


@dataclass(frozen=True)
class Making:
    """How an alignment was made.

    :param origin: of the seed: ``dictionary``, ``identical`` or ``structure``.
    :param pairs: of the seed.
    :param reason: which path was taken, and why.
    :param rankers: forth and back, as the alignment now stands; None where none were learnt.
    :param kinds: what they are, forth and back: ``general``, ``adapted`` or ``none``; None in older records.
    :param dictionary: its path and hash where it came from a file, and its number of pairs.
    :param arguments: every choice, as it was given; ``versions`` of what made it.
    """

    origin: str
    pairs: int
    reason: str
    agreement: Agreement
    warnings: tuple[str, ...]
    rankers: tuple[HeldOut, HeldOut] | None
    kinds: tuple[str, str] | None
    training: Training
    dictionary: Mapping[str, Any] | None
    arguments: Mapping[str, Any]
    versions: Mapping[str, str]

    def figures(self) -> dict[str, float | None]:
        """How well it came out; None where that was not measured.

        ``seed_pairs``; ``mrr``, the mean reciprocal rank of held-out seed pairs that chose the RCSLS steps;
        ``p_at_1`` of held-out dictionary words by the map, and ``reranked_p_at_1``; ``consistency``. All but
        the first are 0 to 1.
        """
        best, forth = self.training.best, self.rankers[0] if self.rankers else None
        return {
            "seed_pairs": self.pairs,
            "mrr": best.held_out_mrr if best else None,
            "p_at_1": forth.map_p_at_1 if forth else None,
            "reranked_p_at_1": forth.reranked_p_at_1 if forth else None,
            "consistency": self.agreement.consistency,
        }


def making(record: Mapping[str, Any], folder: Path | None = None) -> Making:
    """Read the record of an alignment.

    :param folder: the alignment's, to be named if something is wrong.
    :raises FormatError: something is missing in it, or is no number where one should be.
    """
    turn = -1 if record.get("inverted") else 1
    try:
        return Making(
            str(record["seed"]["origin"]),
            int(record["seed"]["pairs"]),
            str(record["method"]["reason"]),
            _agreement(record["metrics"]),
            tuple(map(str, record["warnings"])),
            _rankers(record.get("ranking"), turn),  # older records have none
            _kinds(record.get("rankers"), turn),
            training(record["history"], record["method"].get("tried", ())),  # older records have none
            None if record["dictionary"] is None else dict(record["dictionary"]),
            dict(record["arguments"]),
            dict(record["versions"]),
        )
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        where = f"{folder}: " if folder else ""
        raise FormatError(
            f"{where}the record of the alignment is damaged ({error!r})", "Align again."
        ) from None


def _agreement(metrics: Mapping[str, Any]) -> Agreement:
    consistency = metrics["consistency"]
    return Agreement(float(metrics["mutual_share"]), None if consistency is None else float(consistency))


def _rankers(ranking: Any, turn: int) -> tuple[HeldOut, HeldOut] | None:
    if ranking is None:
        return None
    forth, back = (
        HeldOut(
            int(one["words"]),
            *(float(one[name]) for name in ("map_p_at_1", "reranked_p_at_1", "calibration_error")),
        )
        for one in ranking[::turn]
    )
    return forth, back


def _kinds(rankers: Any, turn: int) -> tuple[str, str] | None:
    if rankers is None:
        return None
    forth, back = rankers[::turn]
    return str(forth), str(back)
