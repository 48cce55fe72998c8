"""From an alignment, and dictionaries where there are any, to a diagnosis."""

from __future__ import annotations

from translator.alignment import Alignment, Side
from translator.diagnosis.accuracy import break_down
from translator.diagnosis.certainty import Certainty, certainty
from translator.diagnosis.conditioning import conditioning
from translator.diagnosis.coverage import coverage
from translator.diagnosis.hubness import hubness
from translator.diagnosis.isomorphism import isomorphism
from translator.diagnosis.landscape import landscape
from translator.diagnosis.result import Diagnosis, Language
from translator.diagnosis.seed import told
from translator.diagnosis.suspects import suspects
from translator.evaluation import RERANKED, QueryResults, query_results
from translator.lexicon import Lexicon
from translator.vectors.subword import SubwordVectors


def diagnose(
    alignment: Alignment, seed: Lexicon | None = None, test: Lexicon | None = None, *, device: str = "cpu"
) -> Diagnosis:
    """Look at an alignment from all sides.

    :param seed: the dictionary it was made with; without it there are no suspects.
    :param test: pairs it was not made with; without them there is no accuracy.
    :raises DataError: no pair of ``test`` is inside both vocabularies, or the alignment's record is damaged.
    """
    source, target = alignment.source.mapped, alignment.target.mapped
    given = query_results(alignment, test, criteria=["csls"], device=device) if test is not None else None
    return Diagnosis(
        source=_language(alignment.source),
        target=_language(alignment.target),
        record=alignment.record,
        ranker=alignment.rankers[0] is not None,
        seed=coverage(seed, source, target) if seed is not None else None,
        test=coverage(test, source, target) if test is not None else None,
        told=told(test, seed) if test is not None and seed is not None else None,
        accuracy=break_down(given, len(source)) if given is not None else None,
        hubness=hubness(alignment, device),
        isomorphism=isomorphism(alignment, device),
        source_map=conditioning(alignment.source.to_shared),
        target_map=conditioning(alignment.target.to_shared),
        certainty=_certainty(given),
        landscape=landscape(alignment, device),
        suspects=tuple(suspects(alignment, seed, device)) if seed is not None else None,
    )


def _language(side: Side) -> Language:
    words = len(side.mapped)
    limit = side.limit if side.limit is not None and words >= side.limit else None
    subwords = isinstance(side.vectors, SubwordVectors)
    return Language(side.name, words, side.vectors.dimension, limit, subwords)


def _certainty(given: QueryResults | None) -> Certainty | None:
    if given is None or given.probability is None:
        return None
    return certainty(given.probability, given.ranks[RERANKED] == 1)
