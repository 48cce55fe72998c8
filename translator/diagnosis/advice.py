"""Advice on what to do next: rules that read a diagnosis and return one or two sentences, or None.

Each threshold was measured (docs/methods.md) or is one of the program's own. Texts name Python parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from translator.diagnosis.coverage import Coverage
from translator.diagnosis.dictionary import LEAKY
from translator.diagnosis.hubness import HEAVY
from translator.diagnosis.isomorphism import GRAPH_WORDS, REFERENCES
from translator.diagnosis.result import Diagnosis
from translator.learning.seed_pairs import FEWEST

COVERED = 0.9  # share of a dictionary's pairs below which the missing ones deserve a look
CALIBRATED = 0.05  # calibration error up to which probabilities are called calibrated
BY_CHANCE = 1.5  # times the error by chance, up to which a small test dictionary is no evidence against them


@dataclass(frozen=True)
class Advice:
    """One piece of advice.

    :param topic: the section of the report with its numbers.
    :param text: one or two sentences.
    """

    topic: str
    text: str


Rule = Callable[[Diagnosis], Advice | None]


def advise(diagnosis: Diagnosis) -> tuple[Advice, ...]:
    """Return the advice for a diagnosis, the most urgent first."""
    return tuple(advice for rule in RULES if (advice := rule(diagnosis)) is not None)


def no_map(diagnosis: Diagnosis) -> Advice | None:
    """Repeat the warnings of the record."""
    warnings = diagnosis.record.warnings
    return Advice("learning", f"Warning: {'; '.join(warnings)}.") if warnings else None


def small_seed_coverage(diagnosis: Diagnosis) -> Advice | None:
    """Advise when much of the seed dictionary is outside the vocabularies."""
    coverage = diagnosis.seed_coverage
    if coverage is None or coverage.share >= COVERED:
        return None
    return Advice(
        "coverage",
        f"Only {coverage.share:.0%} of the pairs of the seed dictionary are inside both vocabularies. "
        f"{_remedy(coverage, diagnosis)}",
    )


def small_test_coverage(diagnosis: Diagnosis) -> Advice | None:
    """Advise when there is no test dictionary, or much of it is outside the vocabularies."""
    coverage = diagnosis.test_coverage
    if coverage is None:
        return Advice(
            "accuracy",
            "The accuracy is not known, as there is no test dictionary. Pass one with held-out pairs as "
            "`test`.",
        )
    if coverage.share >= COVERED:
        return None
    return Advice(
        "coverage",
        f"Only {coverage.share:.0%} of the pairs of the test dictionary are inside both vocabularies, and "
        f"accuracy is measured on these alone. {_remedy(coverage, diagnosis)}",
    )


def training_pairs_in_test(diagnosis: Diagnosis) -> Advice | None:
    """Advise when the test dictionary shares pairs with the seed dictionary."""
    if diagnosis.leakage is None or diagnosis.leakage <= LEAKY:
        return None
    return Advice(
        "accuracy",
        f"{diagnosis.leakage:.0%} of the test pairs are training pairs, so accuracy and calibration look "
        "better here than they are. Test with held-out pairs.",
    )


def _remedy(coverage: Coverage, diagnosis: Diagnosis) -> str:
    """Return the causes of missing words, each with its remedy."""
    lacking = [
        (words, language)
        for words, language in ((coverage.source, diagnosis.source), (coverage.target, diagnosis.target))
        if words.found < words.words
    ]
    remedies = [
        f"Raise `limit`: the vocabulary of {language.name} was cut to {language.limit:,} words."
        for _, language in lacking
        if language.limit is not None
    ]
    remedies += [
        f"{words.phrases:,} missing entries of {language.name} have several words, and word vectors are for "
        "single words."
        for words, language in lacking
        if words.phrases
    ]
    if any(language.subwords for _, language in lacking):
        remedies.append("Align with compose_oov=True: missing words then get vectors from their subwords.")
    return " ".join(remedies) or "Use vectors with a larger vocabulary, or fastText .bin models."


def no_dictionary(diagnosis: Diagnosis) -> Advice | None:
    """Advise when the map was made without a dictionary."""
    if diagnosis.record.seed_pairs.origin == "dictionary":
        return None
    return Advice(
        "learning",
        f"The map was made without a dictionary of your own. Pass one of {FEWEST} source words or more as "
        "`lexicon`: translations improve where languages or scripts differ, and probabilities fit your "
        "vectors.",
    )


def no_ranker(diagnosis: Diagnosis) -> Advice | None:
    """Advise when there are no probabilities, or when they are not fitted to the user's own dictionary."""
    seed_pairs, scores = diagnosis.record.seed_pairs, diagnosis.record.rankers[0].held_out
    if not diagnosis.ranker:
        if scores is None:
            text = "Align again with rerank=True: accuracy rises, and each translation has a probability."
        else:
            text = (
                "There are no probabilities, because the ranker lowered accuracy on held-out words. Add more "
                "or cleaner pairs to the dictionary."
            )
        return Advice("calibration", text)
    if scores is not None or seed_pairs.origin != "dictionary":
        return None
    coverage = diagnosis.seed_coverage
    words = sum(band.words for band in coverage.bands) if coverage else seed_pairs.pairs
    text = f"The dictionary translates {words:,} source words. "
    if words < FEWEST:
        text += (
            f"Add {FEWEST - words:,} or more: probabilities are fitted to dictionaries of {FEWEST} or more."
        )
    else:
        text += (
            "Too few of them can be translated to fit the probabilities to it. Add frequent words, with all "
            "their translations."
        )
    return Advice("calibration", text)


def wrong_pairs(diagnosis: Diagnosis) -> Advice | None:
    """Advise when pairs of the seed dictionary look wrong."""
    if not diagnosis.suspects:
        return None
    count = len(diagnosis.suspects)
    return Advice(
        "suspects",
        f"The map contradicts {count:,} {'pair' if count == 1 else 'pairs'} of the dictionary. Check "
        f"{'it' if count == 1 else 'them'}, delete what is wrong, and align again.",
    )


def different_spaces(diagnosis: Diagnosis) -> Advice | None:
    """Advise when the spaces differ more than those of the second closest reference pair."""
    measured = diagnosis.isomorphism
    references = [reference for reference in REFERENCES if reference.p_at_1 is not None]
    passed = [one for one in references if measured.eigenvalue_divergence >= one.divergence]
    if measured.graph_words != GRAPH_WORDS or len(passed) < 2:
        return None
    return Advice(
        "isomorphism",
        f"The two spaces differ at least as much as those of {passed[-1].pair} in our measurements, where "
        f"the map alone reached a P@1 of {passed[-1].p_at_1:.0%}: expect less than between close languages. "
        "Vectors that were trained alike, on texts of one kind, differ less.",
    )


def heavy_hubs(diagnosis: Diagnosis) -> Advice | None:
    """Advise when a few targets are near to very many words."""
    cosine = diagnosis.hubness.cosine
    if cosine.skewness < HEAVY:
        return None
    return Advice(
        "hubness",
        f"Hubs are heavy: the largest is near to {cosine.largest:,} source words by cosine. Real maps had a "
        f"skewness of about 3 in our measurements, random maps {HEAVY:.0f} and more. Check whether the seed "
        "dictionary is correct. If you search exported vectors by cosine, correct for hubs as CSLS does.",
    )


def weak_words(diagnosis: Diagnosis) -> Advice | None:
    """Advise when words of one band of frequency are translated clearly worse than those of another."""
    if diagnosis.accuracy is None:
        return None
    groups = [(group.band, group.scores[-1].p_at_1) for group in diagnosis.accuracy.by_frequency]
    weak, strong = (choose(groups, key=lambda group: group[1].value) for choose in (min, max))
    if weak[1].high >= strong[1].low:
        return None
    return Advice(
        "accuracy",
        f"Source words of ranks {weak[0].first:,} to {weak[0].last:,} by frequency are translated worst: "
        f"P@1 {weak[1].value:.0%}, compared with {strong[1].value:.0%} for ranks {strong[0].first:,} to "
        f"{strong[0].last:,}. Add such words, with all their translations, to the dictionary.",
    )


def miscalibrated(diagnosis: Diagnosis) -> Advice | None:
    """Advise when the probabilities disagree with the test dictionary."""
    measured = diagnosis.calibration
    if measured is None or measured.error <= max(CALIBRATED, BY_CHANCE * measured.chance):
        return None
    off = sum(one.words * (one.expected - one.observed) for one in measured.bins) / measured.words
    return Advice(
        "calibration",
        f"On the test dictionary the probabilities are too {'high' if off > 0 else 'low'}, by {abs(off):.0%} "
        "on average. If the test dictionary lists only some of the correct translations, that is the reason; "
        f"otherwise ask for {'more' if off > 0 else 'less'} than you need with `precision`.",
    )


def most_confident(diagnosis: Diagnosis) -> Advice | None:
    """Say how to get a lexicon of a certain precision."""
    if diagnosis.calibration is None:
        return None
    selection = diagnosis.calibration.selections[0]
    if selection.observed is None:
        return None
    return Advice(
        "calibration",
        f"For a lexicon that is nearly all correct, select it with precision={selection.level}: it keeps "
        f"{selection.share:.0%} of the test words, and {selection.observed:.0%} of these were correct.",
    )


RULES: tuple[Rule, ...] = (
    no_map,
    small_seed_coverage,
    small_test_coverage,
    training_pairs_in_test,
    no_dictionary,
    no_ranker,
    wrong_pairs,
    different_spaces,
    heavy_hubs,
    weak_words,
    miscalibrated,
    most_confident,
)
