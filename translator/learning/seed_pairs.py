"""Seed pairs: from a dictionary, words spelled alike, or the spaces' own similarity structure."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from translator.errors import DataError
from translator.learning.consistency import cross_validated, predicted
from translator.learning.mutual_pairs import mutual_pairs
from translator.lexicon import Lexicon, identical, no_match
from translator.maps.base import Spaces
from translator.maps.structure import from_structure
from translator.options import SeedChoice
from translator.tokens import are_ids, script_of
from translator.vectors import Indices, WordVectors

logger = logging.getLogger(__name__)

FEWEST = 100  # dictionary words below which the general ranker adapts little, and learning needs more pairs
ALONE = 25  # dictionary pairs below which learning from the dictionary alone leads nowhere
# First maps that led to good ones predicted 0.16 and more of the dictionary pairs; chance predicts NEAR
PREDICTED = 0.06
# Of a hundred real pairs 0.25 and more follow from the others, of mixed-up ones 0.05 and less
CONSISTENT = 0.1
WORDS = 20_000  # most frequent words a side among which other pairs are sought
ENOUGH_IDENTICAL = 200  # fewer words spelled alike are not trusted as the only seed pairs

Origin = Literal["dictionary", "names", "ids", "identical", "structure"]


@dataclass(frozen=True, eq=False)
class SeedPairs:
    """Pairs that learning starts from, and the reason for the user.

    :param rows: int64 [p, 2], rows of the source and of the target.
    :param reason: one sentence.
    :param coverage: share of the dictionary's pairs inside both vocabularies; None without a dictionary.
    :param others: untrusted pairs that help a small dictionary to start learning, int64 [q, 2].
    :param consistency: share of the pairs that a rotation fitted to the others predicts; None for too few
        pairs, and for pairs from structure, which were chosen to be consistent.
    :param contradicted: whether the words spelled alike are consistent, but not with the dictionary.
    """

    rows: Indices
    origin: Origin
    reason: str
    coverage: float | None = None
    others: Indices = field(default_factory=lambda: np.empty((0, 2), np.int64))
    consistency: float | None = None
    contradicted: bool = False

    @property
    def doubt(self) -> str | None:
        """One sentence on why these are probably no translations; None if they may be."""
        name, question = "dictionary pairs", "are its lines mixed up, or of other languages?"
        if self.contradicted:
            others = "the words spelled alike, which agree with each other"
            return f"the {name} do not agree with {others}: {question} Function words alone may not, either."
        if self.consistency is None or self.consistency >= CONSISTENT:
            return None
        if self.origin == "names":
            name, question = "names of CLDR", "are the vectors of other languages?"
        if self.origin == "ids":
            name, question = "rows with the same id", "has each file ids of its own?"
        if not self.trusted:
            name, question = "words spelled alike", "a hundred dictionary pairs or more would help most"
        return (
            f"probably no translation map: only {self.consistency:.0%} of the {name} follow from the others"
            f" (of real ones a quarter or more); {question}"
        )

    @property
    def trusted(self) -> bool:
        """Whether the pairs are known: words spelled alike may be names or chance, ids of records are not."""
        return self.origin in ("dictionary", "names", "ids")

    @property
    def adapts(self) -> bool:
        """Whether the dictionary is large enough to adapt the general ranker.

        Names do not adapt the ranker: they are of few kinds, and English-Russian P@1 became 1.4 points worse.
        """
        return self.origin == "dictionary" and len(np.unique(self.rows[:, 0])) >= FEWEST

    @property
    def first(self) -> Indices:
        """The pairs of the first fit, int64 [p, 2]: the dictionary and its helpers, or what replaces it."""
        return np.concatenate([self.rows, self.others])

    @property
    def kept(self) -> Indices:
        """The pairs that stay in every further fit, int64 [p, 2]: those of a dictionary, or none."""
        return self.rows if self.trusted else self.rows[:0]


def choose_seed_pairs(
    source: WordVectors,
    target: WordVectors,
    spaces: Spaces,
    lexicon: Lexicon | None,
    choice: SeedChoice = "auto",
    random_state: int = 0,
    alone: bool = False,
) -> SeedPairs:
    """Return the dictionary's pairs, or without one the words spelled alike, or pairs found by structure.

    A dictionary of fewer than :data:`ALONE` pairs is helped by the pairs that would be chosen without it, and
    one of fewer than :data:`FEWEST` by words spelled alike if a rotation fitted to these predicts enough of
    it. It needs no structure: with 30 words, English-Russian re-ranked P@1 was 28.9 with it and 29.4 without
    it, in a fifteenth of the time.

    :param choice: a choice other than ``auto`` helps whether it is consistent with the dictionary or not.
    :param alone: use the dictionary alone, however small.
    :raises DataError: no pair of the dictionary is inside both vocabularies.
    """
    given = _from_dictionary(lexicon, source, target, spaces) if lexicon is not None else None
    if given is not None and (alone or len(given.rows) >= FEWEST):
        return given
    found = _identical(source, target, spaces, choice)
    if given is not None and choice == "auto" and len(given.rows) >= ALONE:
        return given if isinstance(found, str) else _helped_if_agreed(given, found, spaces)
    if isinstance(found, str):
        found = _from_structure(spaces, found, random_state)
    if given is None:
        return replace(found, reason=f"no dictionary; {found.reason}")
    return _helped(given, found)


def _helped(given: SeedPairs, found: SeedPairs) -> SeedPairs:
    """Return a small dictionary with other pairs to start learning from."""
    return replace(given, others=found.rows, reason=f"{given.reason}, few to start from; {found.reason}")


def _helped_if_agreed(given: SeedPairs, found: SeedPairs, spaces: Spaces) -> SeedPairs:
    """Return a small dictionary, with words spelled alike if a rotation fitted to these predicts it."""
    if predicted(spaces, found.rows, given.rows).mean() >= PREDICTED:
        return _helped(given, found)
    reason = f"{given.reason}; {found.reason}, which do not agree with them"
    confident = found.consistency is not None and not found.doubt
    return replace(given, reason=reason, contradicted=confident)


def _identical(
    source: WordVectors, target: WordVectors, spaces: Spaces, choice: SeedChoice
) -> SeedPairs | str:
    """Return the words spelled alike in both languages, or the reason why these cannot be the seed pairs."""
    if choice == "structure":
        return "as asked"
    if choice == "auto" and (scripts := different_scripts(source, target)):
        return scripts
    shared = identical(source, target)
    rows = shared.match(source, target).rows
    if choice == "identical" and not len(rows):
        raise DataError("no word is spelled alike in both languages", "Choose seed_pairs=structure.")
    consistency = cross_validated(spaces, rows)
    if are_ids(source.words) and are_ids(target.words) and are_ids(shared.sources() or source.words):
        reason = f"{len(rows)} rows have the same id in both files"
        if len(rows) >= ALONE:
            return SeedPairs(rows, "ids", reason, consistency=consistency)
        if choice == "auto":
            return f"{reason}, fewer than {ALONE}"
    if choice == "auto" and len(rows) < ENOUGH_IDENTICAL:
        return f"too few words are spelled alike ({len(rows)})"
    reason = f"{len(rows)} words are spelled alike in both languages"
    return SeedPairs(rows, "identical", reason, consistency=consistency)


def _from_structure(spaces: Spaces, why: str, random_state: int) -> SeedPairs:
    logger.info(
        "seeding from the structure of the spaces, which is slow (%s); a dictionary of %d pairs makes it "
        "unnecessary",
        why,
        FEWEST,
    )
    frequent = spaces.frequent(WORDS)
    rows = mutual_pairs(frequent, from_structure(spaces, random_state))
    return SeedPairs(rows, "structure", f"{why}: started from the spaces' similarity structure")


def different_scripts(source: WordVectors, target: WordVectors) -> str | None:
    """Say in one clause that the scripts differ; None if they are the same."""
    scripts = script_of(source.words), script_of(target.words)
    return f"the scripts differ ({scripts[0]}, {scripts[1]})" if scripts[0] != scripts[1] else None


def _from_dictionary(lexicon: Lexicon, source: WordVectors, target: WordVectors, spaces: Spaces) -> SeedPairs:
    if not lexicon.pairs:
        raise DataError("the dictionary holds no pair", "Leave it out to align without one.")
    matched = lexicon.match(source, target)
    if not len(matched.rows):
        raise no_match(lexicon, source, target)
    origin: Origin = "names" if lexicon.languages and not lexicon.path else "dictionary"
    name = "dictionary pairs"
    if lexicon.languages:
        name = "names of CLDR" if origin == "names" else f"{name} and names of CLDR"
    recased = f", {matched.recased} in another letter case" if matched.recased else ""
    reason = f"{len(matched.rows)} of {len(lexicon)} {name} found ({matched.coverage:.0%}{recased})"
    # Many of the names are rare words, so that low coverage is no sign of an error
    coverage = None if lexicon.languages else matched.coverage
    consistency = cross_validated(spaces, matched.rows)
    return SeedPairs(matched.rows, origin, reason, coverage, consistency=consistency)
