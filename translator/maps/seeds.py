"""Seed pairs: those of a dictionary, words spelled alike, or the spaces' own similarity structure."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from translator.errors import DataError
from translator.lexicon import Lexicon, identical
from translator.maps.base import Spaces
from translator.maps.procrustes import procrustes
from translator.maps.self_learning import VOCABULARY, mutual_pairs
from translator.maps.structure import from_structure
from translator.retrieval import search
from translator.vectors import Flags, Indices, WordVectors
from translator.vectors.normalize import unit_rows

FREQUENT = 5000  # words whose script is looked at
# Words of a dictionary, or pairs, which is near enough, below which the general ranker learns little
FEWEST = 100
WEIGHT = 0.5  # of found pairs, what a dictionary of so many or more weighs beside them
ALONE = 25  # pairs of a dictionary below which self-learning from them alone leads nowhere
NEAR, KNOWN = 0.005, 0.06  # share of all targets among which a share of a dictionary's bears it out
FOLDS, ASKED = 5, 1000  # to see whether pairs follow from each other: parts, and the most pairs
# Of a hundred real pairs a quarter and more follow from the others, of mixed-up ones 5 % and less
FOLLOWING = 0.1
ENOUGH_IDENTICAL = 200  # fewer words spelled alike are not trusted as the only seed

SeedChoice = Literal["auto", "identical", "structure"]


@dataclass(frozen=True, eq=False)
class Seed:
    """Seed pairs, and why these, for the user.

    :param rows: int64 [p, 2], rows of the source and of the target.
    :param reason: one sentence.
    :param coverage: share of a given dictionary's pairs that both vocabularies hold.
    :param others: pairs that nobody vouches for, for self-learning to start from beside a small dictionary.
    :param following: share of the pairs that a rotation fitted to other pairs brings near each other; None
        where they are fewer than :data:`FEWEST`, or from structure, which had them follow from each other.
    :param contradicted: whether words spelled alike, which follow from each other, do not bear the pairs out.
    """

    rows: Indices
    origin: Literal["dictionary", "identical", "structure"]
    reason: str
    coverage: float | None = None
    others: Indices = field(default_factory=lambda: np.empty((0, 2), np.int64))
    following: float | None = None
    contradicted: bool = False

    @property
    def doubt(self) -> str | None:
        """Why these are probably no translations, in one sentence, or None."""
        what, ask = "dictionary pairs", "are its lines mixed up, or of other languages?"
        if self.contradicted:
            return f"the {what} do not agree with the words spelled alike, which agree with each other: {ask}"
        if self.following is None or self.following >= FOLLOWING:
            return None
        if not self.trusted:
            what, ask = "words spelled alike", "a dictionary of a hundred pairs would help most"
        return (
            f"probably no translation map: only {self.following:.0%} of the {what} follow from the others"
            f" (of real ones a quarter or more); {ask}"
        )

    @property
    def trusted(self) -> bool:
        """Whether somebody vouches for the pairs: words spelled alike may be names or chance."""
        return self.origin == "dictionary"

    @property
    def adapts(self) -> bool:
        """Whether it is dictionary enough to adapt the general ranker."""
        return self.trusted and len(np.unique(self.rows[:, 0])) >= FEWEST

    @property
    def first(self) -> Indices:
        """What self-learning starts from, int64 [p, 2]."""
        return np.concatenate([self.rows, self.others])

    @property
    def kept(self) -> Indices:
        """What self-learning goes on with whatever it finds, int64 [p, 2]."""
        return self.rows if self.trusted else self.rows[:0]

    def beside(self, found: Indices) -> Indices:
        """The seed and the pairs that self-learning found, int64 [p, 2]; some may stand in it repeatedly.

        A dictionary weighs :data:`WEIGHT` times as much as what was found, a smaller one than :data:`FEWEST`
        less in proportion; words spelled alike count as they are; what came from structure has led to what
        was found, and is no better.
        """
        if self.origin == "structure":
            return found
        times = round(WEIGHT * len(found) / max(len(self.rows), FEWEST)) if self.trusted else 1
        return np.concatenate([found, np.tile(self.rows, (max(times, 1), 1))])


def choose_seed(
    source: WordVectors,
    target: WordVectors,
    spaces: Spaces,
    lexicon: Lexicon | None,
    choice: SeedChoice = "auto",
    seed: int = 0,
    alone: bool = False,
) -> Seed:
    """The dictionary if there is one, else identical strings if there are enough, else structure.

    A dictionary of fewer than :data:`FEWEST` pairs has the help of what would be taken without it: always if
    it has fewer than :data:`ALONE`, else where that bears it out.

    :param choice: what is asked for is taken, whether the dictionary bears it out or not.
    :param alone: whether the dictionary is all there is to start from, however small.
    :raises DataError: no pair of the dictionary is inside both vocabularies.
    """
    told = _from_dictionary(lexicon, source, target, spaces) if lexicon is not None else None
    if told is not None and (alone or len(told.rows) >= FEWEST):
        return told
    found = _alike(source, target, spaces, choice)
    if isinstance(found, str):
        found = _from_structure(spaces, found, seed)
    if told is None:
        return replace(found, reason=f"no dictionary; {found.reason}")
    if choice == "auto" and len(told.rows) >= ALONE and not _borne_out(spaces, found.rows, told.rows):
        reason = f"{told.reason}; {found.reason}, which does not bear them out"
        sure = found.following is not None and not found.doubt
        return replace(told, reason=reason, contradicted=sure)
    return replace(told, others=found.rows, reason=f"{told.reason}, few to start from; {found.reason}")


def _borne_out(spaces: Spaces, found: Indices, told: Indices) -> bool:
    """Whether a map of what was found knows pairs of the dictionary, of which it was not told.

    The first maps of what led to good ones in the end had 16 % and more of the pairs so near, of which chance
    has half a percent.
    """
    return bool(_near(spaces, found, told).mean() >= KNOWN)


def _near(spaces: Spaces, found: Indices, told: Indices) -> Flags:
    """Which of the told pairs a rotation fitted to the found ones brings near each other, bool [p]."""
    mapped = unit_rows(spaces.source[told[:, 0]] @ procrustes(spaces, found).source)
    nearest = search(mapped, spaces.target, max(10, round(NEAR * len(spaces.target)))).indices
    near: Flags = (nearest == told[:, 1:]).any(axis=1)
    return near


def _following(spaces: Spaces, rows: Indices) -> float | None:
    """Share of pairs that follow from other pairs; None where there are too few to tell."""
    if len(rows) < FEWEST:
        return None
    some = rows[np.linspace(0, len(rows) - 1, min(len(rows), ASKED)).astype(int)]
    part = np.arange(len(some)) % FOLDS
    near = [_near(spaces, some[part != one], some[part == one]) for one in range(FOLDS)]
    return float(np.concatenate(near).mean())


def _alike(source: WordVectors, target: WordVectors, spaces: Spaces, choice: SeedChoice) -> Seed | str:
    """Words spelled alike in both languages, or why these are no seed."""
    if choice == "structure":
        return "as asked"
    scripts = _script(source), _script(target)
    if choice == "auto" and scripts[0] != scripts[1]:
        return f"the scripts differ ({scripts[0]}, {scripts[1]})"
    rows = identical(source, target).match(source, target).rows
    if choice == "identical" and not len(rows):
        raise DataError("no word is spelled alike in both languages", "Use --seed-from structure.")
    if choice == "auto" and len(rows) < ENOUGH_IDENTICAL:
        return f"too few words are spelled alike ({len(rows)})"
    reason = f"{len(rows)} words are spelled alike in both languages"
    return Seed(rows, "identical", reason, following=_following(spaces, rows))


def _from_structure(spaces: Spaces, why: str, seed: int) -> Seed:
    frequent = spaces.frequent(VOCABULARY)
    rows = mutual_pairs(frequent, from_structure(spaces, seed))
    return Seed(rows, "structure", f"{why}: started from the spaces' similarity structure")


def _script(vectors: WordVectors) -> str:
    """The script most of the frequent words are written in, such as ``latin``.

    Words of a foreign script are names and loans at best: spelled alike, they say little.
    """
    letters = (next((letter for letter in word if letter.isalpha()), "") for word in vectors.words[:FREQUENT])
    names = Counter(unicodedata.name(letter, "unknown").split()[0].lower() for letter in letters if letter)
    return names.most_common(1)[0][0] if names else "none"


def _from_dictionary(lexicon: Lexicon, source: WordVectors, target: WordVectors, spaces: Spaces) -> Seed:
    if not lexicon.pairs:
        raise DataError("the dictionary holds no pair", "Leave it out to align without one.")
    matched = lexicon.match(source, target)
    if not len(matched.rows):
        left, right = lexicon.pairs[0]
        raise DataError(
            f"none of the {len(lexicon)} dictionary pairs is inside both vocabularies "
            f"(the first is {left!r} - {right!r})",
            "Is the dictionary the other way round, in another letter case, or for other languages?",
        )
    reason = f"{len(matched.rows)} of {len(lexicon)} dictionary pairs found ({matched.coverage:.0%})"
    following = _following(spaces, matched.rows)
    return Seed(matched.rows, "dictionary", reason, matched.coverage, following=following)
