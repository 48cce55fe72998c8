"""Adapt the general ranker to the seed dictionary by cross-fitting.

The scores of pairs that a map was fitted to are too good. So the map is fitted again without one part of the
dictionary, the words of that part are translated, and so on through all parts: the ranker learns from
candidates as they are for words that the map has not seen.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from translator.maps.base import Maps, Spaces
from translator.maps.pairs import among
from translator.progress import track
from translator.ranking.calibration import calibration_error
from translator.ranking.candidates import Candidates, FoundCandidates, describe, find, find_both
from translator.ranking.ranker import Ranker
from translator.ranking.shared_space import SharedSpace
from translator.threads import side_by_side
from translator.vectors import Flags, Floats, Indices, WordVectors

FOLDS = 2  # a third fold cost half as much again and gained nothing (by hand)
FEWEST_WORDS = 10  # held-out words of each fold below which nothing is learned from it
BIN_WORDS = 50  # words that a bin of the calibration error needs, or it measures noise
FIT_WORDS, ITERATIONS = 3000, 40  # of the fit of an adapted ranker; more of either gained nothing (by hand)
CROSS_FIT_WORDS = 50_000  # most frequent words a side that take part: maps are fitted again for each fold

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class HeldOutScores:
    """A ranker of one direction, measured on dictionary words that neither map nor ranker had seen.

    :param words: number of words.
    :param map_p_at_1: P@1 of the map alone, in [0, 1].
    :param reranked_p_at_1: P@1 after re-ranking, in [0, 1].
    :param calibration_error: expected calibration error of the first candidate's probability, in [0, 1].
    """

    words: int
    map_p_at_1: float
    reranked_p_at_1: float
    calibration_error: float


@dataclass(frozen=True, eq=False)
class LearnedRanker:
    """A ranker of one direction and its scores on held-out words.

    :param ranker: None if re-ranking is off, or if it was worse than the map on held-out words.
    :param held_out: None where there were too few words to adapt to.
    """

    ranker: Ranker | None
    held_out: HeldOutScores | None = None

    @property
    def kind(self) -> Literal["general", "adapted", "none"]:
        """Which ranker this is: ``general``, ``adapted`` to the dictionary, or ``none``."""
        return "none" if self.ranker is None else "general" if self.held_out is None else "adapted"


def learn_rankers(
    vocabularies: tuple[WordVectors, WordVectors],
    spaces: Spaces,
    pairs: Indices,
    refit: Callable[[Indices], tuple[Maps, Indices]],
    csls_k: int,
    random_state: int = 0,
    device: str = "cpu",
) -> tuple[LearnedRanker, LearnedRanker]:
    """Adapt rankers from source to target and from target to source.

    :param vocabularies: words of both spaces, the most frequent first.
    :param pairs: the seed dictionary, int64 [p, 2].
    :param refit: returns maps that are fitted to a subset of the pairs, and their anchors, all of whose words
        are among the ``CROSS_FIT_WORDS`` most frequent.
    :param csls_k: neighbourhood size of CSLS.
    """
    general = LearnedRanker(Ranker.general())
    pairs = pairs[(pairs < CROSS_FIT_WORDS).all(axis=1)]
    words = np.unique(pairs[:, 0])
    if len(words) < FOLDS * FEWEST_WORDS:
        return general, general
    frequent = spaces.frequent(CROSS_FIT_WORDS)
    fold_of = np.random.default_rng(random_state).permutation(len(words)) % FOLDS
    labelled = []
    for fold in track(range(FOLDS), "cross-fitting"):
        held = np.isin(pairs[:, 0], words[fold_of == fold])
        maps, anchors = refit(pairs[~held])
        mapped = frequent.mapped(maps)
        means, *found = find_both(mapped, csls_k, device)
        space = SharedSpace.of(vocabularies, mapped, means, anchors)
        labelled.append(_label_both(space, (found[0], found[1]), pairs, held))
    if min(len(one.right) for fold in labelled for one in fold) < FEWEST_WORDS:
        return general, general
    forward, backward = side_by_side(adapt, list(zip(*labelled, strict=True)))
    return forward, backward


def _label_both(
    space: SharedSpace, found: tuple[FoundCandidates, FoundCandidates], pairs: Indices, held: Flags
) -> tuple[LabelledCandidates, LabelledCandidates]:
    """Label the candidates of held-out words in both directions.

    :param found: the candidates of all source words and of all target words.
    :param held: whether each pair is held out, bool [p].
    """
    sources = np.unique(pairs[held, 0])
    targets = np.setdiff1d(pairs[held, 1], pairs[~held, 1])  # the map has seen those of training pairs
    return (
        _label(sources, found[0][sources], pairs, space),
        _label(targets, found[1][targets], pairs[:, ::-1], space.inverse()),
    )


@dataclass(frozen=True, eq=False)
class LabelledCandidates:
    """Candidates of words, and which of them are right.

    :param right: bool [n, k].
    """

    candidates: Candidates
    right: Flags


def label(held: Indices, pairs: Indices, space: SharedSpace, device: str = "cpu") -> LabelledCandidates:
    """Translate held-out words and label the candidates that the dictionary lists.

    :param held: held-out pairs, whose first words are translated, int64 [h, 2].
    :param pairs: all pairs of the dictionary, int64 [p, 2].
    """
    words = np.unique(held[:, 0])
    found = find(space.source.matrix[words], space, space.means.source[words], device)
    return _label(words, found, pairs, space)


def _label(words: Indices, found: FoundCandidates, pairs: Indices, space: SharedSpace) -> LabelledCandidates:
    """Label the candidates that were found for words, given by their rows, int64 [h]."""
    spelled = [space.source.words[row] for row in words]
    candidates = describe(spelled, space.source.matrix[words], words, found, space)
    return LabelledCandidates(candidates, among(pairs, words[:, None], candidates.indices))


def adapt(folds: Sequence[LabelledCandidates]) -> LearnedRanker:
    """Adapt the general ranker to all folds, unless on held-out folds it ranked worse than the map."""
    held_out = [(_fit([other for other in folds if other is not fold]), fold) for fold in folds]
    by_map, by_ranker, probability = _hits(held_out)
    scores = _scores(by_map, by_ranker, probability)
    logger.info("held-out P@1 %.3f by the map, %.3f re-ranked", scores.map_p_at_1, scores.reranked_p_at_1)
    return LearnedRanker(None if harms(by_map, by_ranker) else _fit(folds), scores)


def _fit(folds: Sequence[LabelledCandidates]) -> Ranker:
    """Adapt the general ranker to :data:`FIT_WORDS` words of the folds at most."""
    candidates, right = joined(folds)
    words = np.random.default_rng(0).permutation(len(right))[:FIT_WORDS]
    return Ranker.fit(candidates[words], right[words], Ranker.general(), iterations=ITERATIONS)


def harms(by_map: Flags, by_ranker: Flags) -> bool:
    """Return whether a ranker lost more words than it won, by more than a standard error of the difference.

    Rankers help as a rule; on few words the counts may speak against one by chance.

    :param by_map: whether the map's first candidate of each word is right, bool [n].
    :param by_ranker: whether the ranker's first candidate is right, bool [n].
    """
    lost, won = (by_map & ~by_ranker).sum(), (by_ranker & ~by_map).sum()
    return bool(lost - won > np.sqrt(lost + won))


def score(*held_out: tuple[Ranker, LabelledCandidates]) -> HeldOutScores:
    """Score rankers on labelled candidates that they did not learn from."""
    return _scores(*_hits(held_out))


def _scores(by_map: Flags, by_ranker: Flags, probability: Floats) -> HeldOutScores:
    bins = min(10, max(1, len(by_ranker) // BIN_WORDS))
    error = calibration_error(probability, by_ranker, bins)
    return HeldOutScores(len(by_ranker), float(by_map.mean()), float(by_ranker.mean()), error)


def _hits(held_out: Sequence[tuple[Ranker, LabelledCandidates]]) -> tuple[Flags, Flags, Floats]:
    """Return whether the first candidates of map and ranker are right, and the probability of the latter."""
    probabilities = np.concatenate([ranker.probabilities(fold.candidates) for ranker, fold in held_out])
    right = np.concatenate([fold.right for _, fold in held_out])
    best = probabilities.argmax(axis=1)
    row = np.arange(len(best))
    return right[:, 0], right[row, best], probabilities[row, best]


def joined(folds: Sequence[LabelledCandidates]) -> tuple[Candidates, Flags]:
    """Join the candidates of several folds, and their labels."""
    candidates = Candidates.joined([fold.candidates for fold in folds])
    return candidates, np.concatenate([fold.right for fold in folds])
