"""A diagnosis: all measures of an alignment."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from translator.alignment.record import Record
from translator.diagnosis.accuracy import Accuracy
from translator.diagnosis.calibration import Calibration
from translator.diagnosis.conditioning import Conditioning
from translator.diagnosis.coverage import Coverage
from translator.diagnosis.hubness import Hubness
from translator.diagnosis.isomorphism import Isomorphism
from translator.diagnosis.landscape import Landscape
from translator.diagnosis.suspects import Suspect


@dataclass(frozen=True)
class Language:
    """One side of an alignment.

    :param limit: the most frequent words to which its vocabulary was cut; None if it was not.
    :param subwords: whether it has a vector for any string.
    """

    name: str
    words: int
    dimension: int
    limit: int | None
    subwords: bool


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """All measures; those that need a dictionary, a test dictionary or a ranker are None without it.

    :param ranker: whether candidates are re-ranked from source to target.
    :param seed_coverage: of the seed dictionary; ``test_coverage`` of the test dictionary.
    :param leakage: share of the scored test pairs that are training pairs; None without both dictionaries.
    :param source_conditioning: of the source map; None if it only scales. ``target_conditioning`` likewise.
    :param calibration: of the ranker on the test dictionary.
    :param suspects: pairs of the seed dictionary that look wrong.
    """

    source: Language
    target: Language
    record: Record
    ranker: bool
    seed_coverage: Coverage | None
    test_coverage: Coverage | None
    leakage: float | None
    accuracy: Accuracy | None
    hubness: Hubness
    isomorphism: Isomorphism
    source_conditioning: Conditioning | None
    target_conditioning: Conditioning | None
    calibration: Calibration | None
    landscape: Landscape
    suspects: tuple[Suspect, ...] | None

    def __repr__(self) -> str:
        if self.accuracy is None:
            score = "no test dictionary"
        else:
            score = f"P@1 {self.accuracy.scores[-1].p_at_1.value:.1%} on {self.accuracy.words:,} test words"
        return f"Diagnosis({self.source.name} -> {self.target.name}, {score})"

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)
