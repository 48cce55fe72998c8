"""A diagnosis: what can be said of an alignment, in numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from translator.alignment.record import Record
from translator.diagnosis.accuracy import Accuracy
from translator.diagnosis.certainty import Certainty
from translator.diagnosis.conditioning import Conditioning
from translator.diagnosis.coverage import Coverage
from translator.diagnosis.hubness import Hubness
from translator.diagnosis.isomorphism import Isomorphism
from translator.diagnosis.landscape import Landscape
from translator.diagnosis.suspects import Suspect


@dataclass(frozen=True)
class Language:
    """One side.

    :param limit: where its vocabulary was cut; None where it was not.
    :param subwords: whether it has a vector for any string.
    """

    name: str
    words: int
    dimension: int
    limit: int | None
    subwords: bool


@dataclass(frozen=True)
class Diagnosis:
    """All parts; those that need a dictionary, a test dictionary or a ranker are None without it.

    :param seed: coverage of the dictionary the map was fitted on; ``test`` of the test dictionary.
    :param told: share of the test dictionary's pairs that the map was told; None without both.
    :param ranker: whether candidates are re-ranked from source to target.
    :param certainty: of the ranker on the test dictionary.
    :param source_map: None for a map that only scales; ``target_map`` likewise.
    :param suspects: pairs of the seed dictionary; None without it.
    """

    source: Language
    target: Language
    record: Record
    ranker: bool
    seed: Coverage | None
    test: Coverage | None
    told: float | None
    accuracy: Accuracy | None
    hubness: Hubness
    isomorphism: Isomorphism
    source_map: Conditioning | None
    target_map: Conditioning | None
    certainty: Certainty | None
    landscape: Landscape
    suspects: tuple[Suspect, ...] | None

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)
