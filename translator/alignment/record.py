"""The record of an alignment: how it was made, typed, as Python objects and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from translator.errors import DataError, FormatError
from translator.learning.consistency import Agreement
from translator.learning.seed_pairs import Origin
from translator.maps.history import InductionRound, RcslsStep, Step
from translator.options import Options
from translator.ranking.cross_fit import HeldOutScores
from translator.typed_json import from_json


@dataclass(frozen=True)
class SeedPairsRecord:
    """The seed pairs.

    :param reason: why these, in one sentence.
    :param pairs: their number.
    :param coverage: share of the dictionary's pairs inside both vocabularies; None without a dictionary, and
        with names of CLDR.
    :param consistency: share of the pairs that follow from the others; None where that was not measured.
    """

    origin: Origin
    reason: str
    pairs: int
    coverage: float | None
    consistency: float | None


@dataclass(frozen=True)
class DictionaryRecord:
    """The seed dictionary.

    :param pairs: number of pairs that it contains.
    :param path: the file it was read from, with its ``sha256``; None for a dictionary in memory.
    :param reversed: whether the file's second column is in the source language.
    :param languages: the languages whose names in CLDR are among the pairs, where they are.
    """

    pairs: int
    path: str | None = None
    sha256: str | None = None
    reversed: bool = False
    languages: tuple[str, str] | None = None


@dataclass(frozen=True)
class RankerRecord:
    """The ranker of one direction; ``held_out`` is None for one that was not adapted to a dictionary."""

    kind: Literal["general", "adapted", "none"]
    held_out: HeldOutScores | None


@dataclass(frozen=True)
class Record:
    """How an alignment was made.

    :param arguments: every choice, as given.
    :param dictionary: None for an alignment without one.
    :param rankers: from source to target, and from target to source.
    :param warnings: sentences on what is probably wrong with the map or the dictionary.
    :param history: every step of every method in order.
    :param versions: of Python and the packages.
    """

    arguments: Options
    seed_pairs: SeedPairsRecord
    dictionary: DictionaryRecord | None
    rankers: tuple[RankerRecord, RankerRecord]
    agreement: Agreement
    warnings: tuple[str, ...]
    history: tuple[Step, ...]
    versions: Mapping[str, str]

    def inverse(self) -> Record:
        """Return the record of the inverse alignment: rankers swapped, the dictionary read the other way."""
        turned = self.dictionary and replace(self.dictionary, reversed=not self.dictionary.reversed)
        return replace(self, dictionary=turned, rankers=(self.rankers[1], self.rankers[0]))

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any, file: Path) -> Record:
        """Read what :meth:`to_json` wrote.

        :param file: where the value comes from, for error messages.
        :raises FormatError: something is missing or of another type.
        """
        try:
            record: Record = from_json(cls, value, "record")
        except DataError as error:
            raise FormatError(
                f"{file}: the record of the alignment is damaged ({error.message})", "Align again."
            ) from None
        return record

    @property
    def method(self) -> str:
        """The seed pairs and the methods that learned the maps, in one sentence."""
        steps: list[str] = [self.arguments.start]
        steps += [f"{len(self.rounds)} rounds with probable pairs"] * bool(self.rounds)
        steps += [f"RCSLS ({self.arguments.refine})"] * bool(self.rcsls)
        return f"{self.seed_pairs.reason}: {' -> '.join(steps)}"

    @property
    def probabilities(self) -> str | None:
        """Whether a dictionary verified the probabilities; None if there are none."""
        if self.rankers[0].kind == "none":
            return None
        if held_out := self.rankers[0].held_out:
            return f"verified on {held_out.words:,} held-out dictionary words"
        return "not verified: that takes a hundred dictionary words"

    @property
    def rounds(self) -> tuple[InductionRound, ...]:
        """The rounds in which probable pairs were found."""
        return tuple(step for step in self.history if isinstance(step, InductionRound))

    @property
    def rcsls(self) -> tuple[RcslsStep, ...]:
        """The steps of RCSLS."""
        return tuple(step for step in self.history if isinstance(step, RcslsStep))

    def figures(self) -> dict[str, float | None]:
        """Return the quality as numbers, all but the first in [0, 1]; None where not measured.

        Keys are ``seed_pairs``; ``p_at_1`` of held-out dictionary words by the map, and ``reranked_p_at_1``;
        ``consistency``.
        """
        held_out = self.rankers[0].held_out
        return {
            "seed_pairs": self.seed_pairs.pairs,
            "p_at_1": held_out.map_p_at_1 if held_out else None,
            "reranked_p_at_1": held_out.reranked_p_at_1 if held_out else None,
            "consistency": self.agreement.consistency,
        }
