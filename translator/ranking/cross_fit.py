"""The general ranker, adapted to the seed dictionary.

Scores of pairs that a map was fitted on are too good. So the map is fitted again without a part of the
dictionary, the words of that part are asked, and so on through all parts: the ranker learns from answers as
they are for words the map has not seen.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from translator.maps.base import Maps, Spaces
from translator.progress import track
from translator.ranking.calibration import calibration_error
from translator.ranking.candidates import Candidates, describe, find
from translator.ranking.ranker import Ranker
from translator.retrieval import Neighbourhoods, neighbourhoods
from translator.vectors import Flags, Floats, Indices, WordVectors

FOLDS = 3
LEAST = 10  # words of each fold that can be asked; rare words, and many with one translation, cannot
A_BIN = 50  # words that a bin of the calibration error needs, or it measures noise
VOCABULARY = 50_000  # most frequent words a side that learning goes by: it fits maps to each fold anew

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Learnt:
    """A ranker, None where it did harm to words it had not learnt from, and what was measured on these.

    :param metrics: None where there were too few words to learn from.
    """

    ranker: Ranker | None
    metrics: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        """Which ranker it is: ``general``, ``adapted`` to the dictionary, or ``none``."""
        return "none" if self.ranker is None else "general" if self.metrics is None else "adapted"


def learn_rankers(
    vocabularies: tuple[WordVectors, WordVectors],
    spaces: Spaces,
    pairs: Indices,
    refit: Callable[[Indices], Maps],
    k: int,
    seed: int = 0,
    device: str = "cpu",
) -> tuple[Learnt, Learnt]:
    """Rankers from source to target and from target to source.

    :param vocabularies: words of both spaces, the most frequent first.
    :param pairs: the seed, int64 [p, 2].
    :param refit: fits the maps to some of the pairs, all of words among the ``VOCABULARY`` most frequent.
    :param k: neighbourhood size of CSLS.
    """
    pairs = pairs[(pairs < VOCABULARY).all(axis=1)]
    words = np.unique(pairs[:, 0])
    if len(words) < FOLDS * LEAST:
        return Learnt(Ranker.general()), Learnt(Ranker.general())
    fold_of = dict(zip(words, np.random.default_rng(seed).permutation(len(words)) % FOLDS, strict=True))
    folds = np.array([fold_of[word] for word in pairs[:, 0]])
    seen: tuple[list[Answers], list[Answers]] = ([], [])
    frequent = spaces.frequent(VOCABULARY)
    for fold in track(range(FOLDS), "cross-fitting"):
        shared = frequent.mapped(refit(pairs[folds != fold]))
        sides = [
            WordVectors(words.words[:VOCABULARY], space)
            for words, space in zip(vocabularies, (shared.source, shared.target), strict=True)
        ]
        means = neighbourhoods(sides[0].matrix, sides[1].matrix, k, device=device)
        held = pairs[folds == fold]
        seen[0].append(ask(held, pairs, sides[0], sides[1], means, device))
        back, all_back = held[:, ::-1], pairs[:, ::-1]
        new = ~np.isin(back[:, 0], pairs[folds != fold][:, 1])  # unseen by the map on this side, too
        seen[1].append(ask(back[new], all_back, sides[1], sides[0], means.inverse(), device))
    if min(len(fold.right) for fold in (*seen[0], *seen[1])) < LEAST:
        return Learnt(Ranker.general()), Learnt(Ranker.general())
    return _learn(seen[0]), _learn(seen[1])


@dataclass(frozen=True, eq=False)
class Answers:
    """Candidates of words, and which of them are right, bool [n, k]."""

    seen: Candidates
    right: Flags


def ask(
    held: Indices,
    pairs: Indices,
    source: WordVectors,
    target: WordVectors,
    means: Neighbourhoods,
    device: str = "cpu",
) -> Answers:
    """Candidates of the held-out words, and which of them the dictionary lists.

    :param held: pairs whose first words are asked, int64 [h, 2]; ``pairs`` all those of the dictionary.
    :param source: both vocabularies in the shared space, with their CSLS ``means``.
    """
    asked = np.unique(held[:, 0])
    listed = {(int(word), int(translation)) for word, translation in pairs}
    words = [source.words[row] for row in asked]
    rows, density = source.matrix[asked], means.source[asked]
    seen = describe(words, asked, find(rows, source, target, means, density, device), target, means)
    right = [
        [(int(word), int(row)) in listed for row in rows]
        for word, rows in zip(asked, seen.indices, strict=True)
    ]
    return Answers(seen, np.array(right, bool).reshape(seen.indices.shape))


def _learn(folds: Sequence[Answers]) -> Learnt:
    """Adapt to all folds, unless adapting to the others did harm on the folds asked."""
    general = Ranker.general()
    judged = [
        (Ranker.fit(*together([other for other in folds if other is not fold]), general), fold)
        for fold in folds
    ]
    first, hit, likely = _hits(judged)
    metrics = _metrics(first, hit, likely)
    logger.info("held-out P@1 %(map_p_at_1).3f by the map, %(reranked_p_at_1).3f re-ranked", metrics)
    ranker = None if harms(first, hit) else Ranker.fit(*together(folds), general)
    return Learnt(ranker, {"words": len(hit), **metrics})


def harms(first: Flags, hit: Flags) -> bool:
    """Whether a ranker lost more words than it won, by more than a standard error of their difference.

    Rankers help as a rule, so that of few words the chance that they speak against one is that of their draw.

    :param first: whether the map's first candidate of each word is right, bool [n]; ``hit`` the ranker's.
    """
    lost, won = (first & ~hit).sum(), (hit & ~first).sum()
    return bool(lost - won > np.sqrt(lost + won))


def score(*judged: tuple[Ranker, Answers]) -> dict[str, float]:
    """P@1 of the map's order and of a ranker's, and the calibration error of the ranker's first.

    :param judged: a ranker and the answers it is asked to order, or several of both.
    """
    return _metrics(*_hits(judged))


def _metrics(first: Flags, hit: Flags, likely: Floats) -> dict[str, float]:
    return {
        "map_p_at_1": float(first.mean()),
        "reranked_p_at_1": float(hit.mean()),
        "calibration_error": calibration_error(likely, hit, min(10, max(1, len(hit) // A_BIN))),
    }


def _hits(judged: Sequence[tuple[Ranker, Answers]]) -> tuple[Flags, Flags, Floats]:
    """Whether the map's first candidate of each word is right, the ranker's is, and how likely it said so."""
    likely = np.concatenate([ranker.probabilities(answers.seen) for ranker, answers in judged])
    right = np.concatenate([answers.right for _, answers in judged])
    best = likely.argmax(axis=1)
    row = np.arange(len(best))
    return right[:, 0], right[row, best], likely[row, best]


def together(folds: Sequence[Answers]) -> tuple[Candidates, Flags]:
    """Several answers as one."""
    return Candidates.joined([fold.seen for fold in folds]), np.concatenate([fold.right for fold in folds])
