"""Induce pairs of words from short texts about the same things in two languages, without a dictionary.

Competitive linking (Melamed, "Models of Translational Equivalence among Words", Computational Linguistics
26(2), 2000): in every text the best-scored pair is linked first, and a linked word is not linked again. The
score is the Dice coefficient of the two words' occurrences together; after the first round, of their links;
plus the similarity of their spelling where that is high. A pair is kept when each word is the other's best.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from rapidfuzz.distance import Levenshtein

Pair = tuple[str, str]
Text = tuple[frozenset[str], frozenset[str]]  # source words and target words of one thing

ROUNDS = 2
SIMILAR = 0.6
SHORTEST_SIMILAR = 4


def mutual_best(texts: Sequence[Text], rejected: AbstractSet[Pair] = frozenset()) -> set[Pair]:
    """Return the pairs of words that are each other's best link.

    :param rejected: pairs that are never linked; their words may be linked with others.
    """
    left = Counter(word for source, _ in texts for word in source)
    right = Counter(word for _, target in texts for word in target)
    together = Counter(pair for text in texts for pair in _pairs(text) if pair not in rejected)
    spelling = {pair: spelling_bonus(*pair) for pair in together}
    links = together
    for _ in range(ROUNDS):
        scores = {
            pair: 2 * links[pair] / (left[pair[0]] + right[pair[1]]) + spelling[pair] for pair in together
        }
        links = Counter(pair for text in texts for pair in _link(text, scores))
    return _mutual(sorted(links, key=lambda pair: (-scores[pair], -links[pair], pair)))


def one_word_names(names: Iterable[Text]) -> set[Pair]:
    """Return the pairs of names that are one word in both languages."""
    return {(min(source), min(target)) for source, target in names if len(source) == len(target) == 1}


def spelling_bonus(source: str, target: str) -> float:
    """Return the Levenshtein similarity without accents, in [0, 1]; 0 for short or dissimilar words."""
    if min(len(source), len(target)) < SHORTEST_SIMILAR:
        return 0.0
    source, target = _plain(source), _plain(target)
    similarity = Levenshtein.normalized_similarity(source, target)
    return similarity if similarity >= SIMILAR else 0.0


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.replace("œ", "oe"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _pairs(text: Text) -> Iterator[Pair]:
    source, target = text
    return ((left, right) for left in source for right in target)


def _link(text: Text, scores: Mapping[Pair, float]) -> Iterator[Pair]:
    candidates = sorted((-scores[pair], pair) for pair in _pairs(text) if pair in scores)
    return _one_to_one(pair for _, pair in candidates)


def _one_to_one(pairs: Iterable[Pair]) -> Iterator[Pair]:
    sources, targets = set(), set()
    for source, target in pairs:
        if source not in sources and target not in targets:
            sources.add(source)
            targets.add(target)
            yield source, target


def _mutual(ranked: Iterable[Pair]) -> set[Pair]:
    best_target: dict[str, str] = {}
    best_source: dict[str, str] = {}
    for source, target in ranked:
        best_target.setdefault(source, target)
        best_source.setdefault(target, source)
    return {(source, target) for source, target in best_target.items() if best_source[target] == source}
