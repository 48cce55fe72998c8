"""What to do next: rules that read a diagnosis and answer with a sentence or two, or with nothing.

Where a rule compares with a number, that number was measured (docs/methods.md) or is the program's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from translator.diagnosis.coverage import Coverage
from translator.diagnosis.hubness import HEAVY
from translator.diagnosis.isomorphism import GRAPH, REFERENCES
from translator.diagnosis.result import Diagnosis
from translator.diagnosis.seed import MANY
from translator.learning.seed_pairs import FEWEST

COVERED = 0.9  # share of a dictionary's pairs below which it is worth a look why
CALIBRATED = 0.05  # calibration error up to which probabilities are taken as they are
BY_CHANCE = 1.5  # times what it is by chance: up to that, a small test dictionary says nothing against them


@dataclass(frozen=True)
class Advice:
    """What to do, and the topic whose numbers say so: a part of the report."""

    topic: str
    text: str


Rule = Callable[[Diagnosis], Advice | None]


def advise(found: Diagnosis) -> tuple[Advice, ...]:
    """What the rules say, the most urgent first."""
    return tuple(advice for rule in RULES if (advice := rule(found)) is not None)


def no_map(found: Diagnosis) -> Advice | None:
    """The record's own warning."""
    warnings = found.record.warnings
    return Advice("training", f"Warning: {'; '.join(warnings)}.") if warnings else None


def little_seed(found: Diagnosis) -> Advice | None:
    """Much of the seed dictionary is outside the vocabularies."""
    if found.seed is None or found.seed.share >= COVERED:
        return None
    return Advice(
        "coverage",
        f"Only {found.seed.share:.0%} of the pairs of the seed dictionary are inside both vocabularies. "
        f"{_remedy(found.seed, found)}",
    )


def little_test(found: Diagnosis) -> Advice | None:
    """Much of the test dictionary is, so that accuracy is that of a part."""
    if found.test is None:
        return Advice(
            "accuracy",
            "Give a test dictionary, --test FILE, of pairs that the map has not seen: without it the "
            "accuracy is not known.",
        )
    if found.test.share >= COVERED:
        return None
    return Advice(
        "coverage",
        f"Only {found.test.share:.0%} of the pairs of the test dictionary are inside both vocabularies, and "
        f"accuracy is that of these. {_remedy(found.test, found)}",
    )


def seen_test(found: Diagnosis) -> Advice | None:
    """The test dictionary is in part that of the training, so that accuracy is too good."""
    if found.told is None or found.told <= MANY:
        return None
    return Advice(
        "accuracy",
        f"The map was told {found.told:.0%} of the pairs of the test dictionary: its accuracy and its "
        "probabilities look better here than they are. Test with pairs that it has not seen.",
    )


def _remedy(one: Coverage, found: Diagnosis) -> str:
    """What brings more words of a dictionary in: each cause that was found, with its cure."""
    lacking = [
        (words, language)
        for words, language in ((one.source, found.source), (one.target, found.target))
        if words.found < words.words
    ]
    cures = [
        f"Raise --limit: the vocabulary of {language.name} was cut at {language.limit:,} words."
        for _, language in lacking
        if language.limit is not None
    ]
    cures += [
        f"Write the words of {language.name} in the letter case of its vectors: {words.recased:,} missing "
        "words are there in another."
        for words, language in lacking
        if words.recased
    ]
    cures += [
        f"{words.phrases:,} missing entries of {language.name} are of several words: word vectors have "
        "single words only."
        for words, language in lacking
        if words.phrases
    ]
    if any(language.subwords for _, language in lacking):
        cures.append("Align with --compose-oov: missing words then get vectors from their subwords.")
    return " ".join(cures) or "The vectors do not hold the others: take larger ones, or fastText .bin models."


def no_dictionary(found: Diagnosis) -> Advice | None:
    """The map was made without a dictionary."""
    if found.record.seed_pairs.origin == "dictionary":
        return None
    return Advice(
        "training",
        f"The map was made without a dictionary. One of {FEWEST} source words helps where languages or "
        "scripts differ, and makes the probabilities fit your vectors: align with --dict FILE.",
    )


def no_ranker(found: Diagnosis) -> Advice | None:
    """There are no probabilities, or not from the user's own dictionary, and why."""
    adapted, seed_pairs = found.record.rankers[0].held_out is not None, found.record.seed_pairs
    if not found.ranker:
        if adapted:
            text = "The ranker did harm to held-out words, so there are no probabilities."
            return Advice("certainty", f"{text} More pairs, or cleaner ones, may change that.")
        text = (
            "Align again, without --no-rerank: more translations are right then, and each has a probability."
        )
        return Advice("certainty", text)
    if adapted or seed_pairs.origin != "dictionary":
        return None
    known = sum(band.words for band in found.seed.bands) if found.seed else seed_pairs.pairs
    more = (
        f"add {FEWEST - known:,} or more."
        if known < FEWEST
        else "but too few of these could be asked. Add frequent words, with all their translations."
    )
    return Advice(
        "certainty",
        f"The dictionary translates {known:,} source words. From {FEWEST} on the probabilities are fitted to "
        f"it: {more}",
    )


def wrong_pairs(found: Diagnosis) -> Advice | None:
    """Pairs of the dictionary look wrong."""
    if not found.suspects:
        return None
    count = len(found.suspects)
    return Advice(
        "suspects",
        f"The map contradicts {count:,} {'pair' if count == 1 else 'pairs'} of the dictionary. Check the "
        "first of them, delete what is wrong, and align again.",
    )


def unlike_spaces(found: Diagnosis) -> Advice | None:
    """The spaces differ more than those of the closest known pair but one."""
    own = found.isomorphism
    known = [one for one in REFERENCES if one.p_at_1 is not None]
    passed = [one for one in known if own.eigenvalue_divergence >= one.divergence]
    if own.graph_words != GRAPH or len(passed) < 2:
        return None
    return Advice(
        "isomorphism",
        f"The two spaces differ at least as much as those of {passed[-1].pair} in our measurements, where "
        f"the map alone had a P@1 of {passed[-1].p_at_1:.0%}: expect less than between close languages. "
        "Vectors that were trained alike, on texts of one kind, differ less.",
    )


def heavy_hubs(found: Diagnosis) -> Advice | None:
    """Few targets are near to very many words."""
    own = found.hubness.cosine
    if own.skewness < HEAVY:
        return None
    return Advice(
        "hubness",
        f"Hubs are heavy: the largest is near to {own.largest:,} source words by cosine. Real maps had a "
        f"skewness of about 3 in our measurements, maps without meaning {HEAVY:.0f} and more. Check whether "
        "the seed is right; where exported vectors are searched by cosine, correct for hubs as CSLS does.",
    )


def early_end(found: Diagnosis) -> Advice | None:
    """The descent was stopped while it still helped."""
    best, trial = found.record.best_step, found.record.rcsls("trial")
    if best is None or best.step == 0 or best.step < trial[-1].step:
        return None
    return Advice(
        "training",
        f"Held-out pairs were still ranked better at the last of {best.step} steps: --steps "
        f"{2 * best.step} may gain a little.",
    )


def weak_words(found: Diagnosis) -> Advice | None:
    """Words of one band of frequency are answered clearly worse than those of another."""
    if found.accuracy is None:
        return None
    groups = [(one.band, one.scores[-1].p_at_1) for one in found.accuracy.by_frequency]
    weak, strong = (choose(groups, key=lambda group: group[1].value) for choose in (min, max))
    if weak[1].high >= strong[1].low:
        return None
    return Advice(
        "accuracy",
        f"Source words at the places {weak[0].first:,} to {weak[0].last:,} by frequency are answered worst: "
        f"P@1 {weak[1].value:.0%}, against {strong[1].value:.0%} at {strong[0].first:,} to "
        f"{strong[0].last:,}. Such words, with all their translations, are those to add to the dictionary.",
    )


def wrong_probabilities(found: Diagnosis) -> Advice | None:
    """The probabilities do not hold on the test dictionary."""
    own = found.certainty
    if own is None or own.error <= max(CALIBRATED, BY_CHANCE * own.chance):
        return None
    off = sum(one.words * (one.expected - one.met) for one in own.bins) / own.words
    return Advice(
        "certainty",
        f"On the test dictionary the probabilities are too {'high' if off > 0 else 'low'}, by {abs(off):.0%} "
        "on average. If it lists few of the right translations that is its own doing; else ask lexicon "
        f"--min-precision for {'more' if off > 0 else 'less'} than you need.",
    )


def surest_part(found: Diagnosis) -> Advice | None:
    """How to have a lexicon of a certain precision."""
    part = found.certainty.parts[0] if found.certainty is not None else None
    if part is None or part.met is None:
        return None
    return Advice(
        "certainty",
        f"For translations that are nearly all right: translator lexicon --min-precision {part.level} keeps "
        f"{part.share:.0%} of the test words, and {part.met:.0%} of those were right.",
    )


RULES: tuple[Rule, ...] = (
    no_map,
    little_seed,
    little_test,
    seen_test,
    no_dictionary,
    no_ranker,
    wrong_pairs,
    unlike_spaces,
    heavy_hubs,
    early_end,
    weak_words,
    wrong_probabilities,
    surest_part,
)
