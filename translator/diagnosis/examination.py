"""Diagnose an alignment: all measures that its dictionaries allow."""

from __future__ import annotations

from translator.alignment import Alignment, Side
from translator.diagnosis.accuracy import accuracy
from translator.diagnosis.calibration import Calibration, calibration
from translator.diagnosis.conditioning import conditioning
from translator.diagnosis.coverage import coverage
from translator.diagnosis.dictionary import leakage
from translator.diagnosis.hubness import hubness
from translator.diagnosis.isomorphism import isomorphism
from translator.diagnosis.landscape import landscape
from translator.diagnosis.result import Diagnosis, Language
from translator.diagnosis.suspects import suspects
from translator.evaluation import RERANKED, QueryResults, query_results
from translator.lexicon import Lexicon, LexiconLike
from translator.vectors.subword import SubwordVectors


def diagnose(
    alignment: Alignment,
    seed_dictionary: LexiconLike | None = None,
    test: LexiconLike | None = None,
    *,
    device: str = "cpu",
) -> Diagnosis:
    """Measure what is good and bad about an alignment.

    :param seed_dictionary: the dictionary that it was made with, whatever :meth:`Lexicon.of` accepts; without
        it no pairs are suspected.
    :param test: held-out pairs; without them there is no accuracy.
    :raises DataError: no pair of ``test`` is inside both vocabularies, or the alignment's record is damaged.

    >>> from translator import WordVectors, align
    >>> vectors = WordVectors(["sun", "tree", "sea"], [[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    >>> diagnosis = diagnose(align(vectors, vectors), test={"sun": "sun", "sea": "sea"})
    >>> diagnosis
    Diagnosis(source -> target, P@1 100.0% on 2 test words)
    >>> diagnosis.test_coverage.share
    1.0
    """
    seed_dictionary = None if seed_dictionary is None else Lexicon.of(seed_dictionary)
    test = None if test is None else Lexicon.of(test)
    source, target = alignment.source.mapped, alignment.target.mapped
    results = query_results(alignment, test, criteria=["csls"], device=device) if test is not None else None
    return Diagnosis(
        source=_language(alignment.source),
        target=_language(alignment.target),
        record=alignment.record,
        ranker=alignment.rankers[0] is not None,
        seed_coverage=None if seed_dictionary is None else coverage(seed_dictionary, source, target),
        test_coverage=None if test is None else coverage(test, source, target),
        leakage=None if test is None else leakage(alignment, test),
        accuracy=None if results is None else accuracy(results, len(source)),
        hubness=hubness(alignment, device),
        isomorphism=isomorphism(alignment, device),
        source_conditioning=conditioning(alignment.source.to_shared),
        target_conditioning=conditioning(alignment.target.to_shared),
        calibration=_calibration(results),
        landscape=landscape(alignment, device),
        suspects=None if seed_dictionary is None else tuple(suspects(alignment, seed_dictionary, device)),
    )


def _language(side: Side) -> Language:
    words = len(side.mapped)
    limit = side.limit if side.limit is not None and words >= side.limit else None
    subwords = isinstance(side.vectors, SubwordVectors)
    return Language(side.name, words, side.vectors.dimension, limit, subwords)


def _calibration(results: QueryResults | None) -> Calibration | None:
    if results is None or results.probability is None:
        return None
    return calibration(results.probability, results.ranks[RERANKED] == 1)
