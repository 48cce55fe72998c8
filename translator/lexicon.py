"""Dictionaries: pairs of words, read from files, split, and matched with two vocabularies."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from translator.dictionaries import WRITE, read_pairs
from translator.errors import DataError, kind_of
from translator.files import existing
from translator.text_files import shown
from translator.vectors import Indices, WordVectors
from translator.vectors.letter_case import composed

logger = logging.getLogger(__name__)

_FREQUENT = 5000  # words of a vocabulary that are compared with a dictionary's in a message
_EXCHANGE = "Exchange the columns of the dictionary, or source and target"
_COMPARED, _EXAMPLES = 100, 3  # words of a dictionary compared, and shown


@dataclass(frozen=True, repr=False)
class Lexicon:
    """Distinct pairs (source word, target word) in the order of their file; one-to-many is welcome.

    :param path: the file the pairs were read from, where there is one.
    :param sha256: hash of the content of that file when it was read, in hexadecimal.
    :param languages: the two languages whose names in CLDR are among the pairs, where they are.

    >>> lexicon = Lexicon.of({"house": ["maison", "foyer"], "tree": "arbre"})
    >>> lexicon
    Lexicon(3 pairs)
    >>> lexicon.sources()
    ('house', 'tree')
    """

    pairs: tuple[tuple[str, str], ...]
    path: Path | None = field(default=None, compare=False)
    sha256: str | None = field(default=None, compare=False)
    languages: tuple[str, str] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.pairs, tuple):
            object.__setattr__(self, "pairs", Lexicon.of(self.pairs).pairs)

    @classmethod
    def of(cls, pairs: LexiconLike) -> Lexicon:
        """Make a lexicon of pairs of words, keeping each pair once.

        :param pairs: an iterable of pairs, a mapping of source words to one or several translations, or a
            lexicon, which is returned as it is.
        :raises DataError: an element is not a pair of words.

        >>> list(Lexicon.of([("house", "maison"), ("tree", "arbre"), ("house", "maison")]))
        [('house', 'maison'), ('tree', 'arbre')]
        """
        if isinstance(pairs, Lexicon):
            return pairs
        if isinstance(pairs, str | os.PathLike) or not isinstance(pairs, Iterable):
            raise DataError(
                f"expected pairs of words, found {shown(str(pairs))}",
                "Read a dictionary file with load_lexicon(FILE).",
            )
        given: Iterable[object] = pairs
        if isinstance(pairs, Mapping):
            given = [
                (source, target)
                for source, targets in pairs.items()
                for target in (targets if isinstance(targets, list | tuple | set) else [targets])
            ]
        return cls(tuple(dict.fromkeys(map(_checked, given))))

    def __repr__(self) -> str:
        return f"Lexicon({len(self):,} pairs{f', {self.path}' if self.path else ''})"

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def inverse(self) -> Lexicon:
        """Return the same pairs, target word first."""
        return Lexicon(tuple((target, source) for source, target in self.pairs))

    def joined(self, other: Lexicon) -> Lexicon:
        """Return the pairs of both; ``path`` is kept if only one of the two was read from a file.

        >>> Lexicon.of({"house": "maison"}).joined(Lexicon.of({"house": ["maison", "foyer"]}))
        Lexicon(2 pairs)
        """
        files = [one for one in (self, other) if one.path]
        path, sha256 = (files[0].path, files[0].sha256) if len(files) == 1 else (None, None)
        pairs = tuple(dict.fromkeys((*self.pairs, *other.pairs)))
        return Lexicon(pairs, path, sha256, self.languages or other.languages)

    def sources(self) -> tuple[str, ...]:
        """Return the distinct source words in order."""
        return tuple(dict.fromkeys(source for source, _ in self.pairs))

    def targets(self) -> tuple[str, ...]:
        """Return the distinct target words in order."""
        return tuple(dict.fromkeys(target for _, target in self.pairs))

    def sample(self, sources: int, random_state: int = 0) -> Lexicon:
        """Return all pairs of ``sources`` source words drawn at random."""
        kept = _draw(self.sources(), sources, random_state)
        return Lexicon(tuple(pair for pair in self.pairs if pair[0] in kept))

    def split(self, share: float, random_state: int = 0) -> tuple[Lexicon, Lexicon]:
        """Split into two lexicons without a common source word.

        :param share: share of the source words that the second lexicon gets, in [0, 1].

        >>> Lexicon.of({"house": ["maison", "foyer"], "tree": "arbre"}).split(0.5)
        (Lexicon(1 pairs), Lexicon(2 pairs))
        """
        held_out = _draw(self.sources(), round(share * len(self.sources())), random_state)
        kept = tuple(pair for pair in self.pairs if pair[0] not in held_out)
        return Lexicon(kept), Lexicon(tuple(pair for pair in self.pairs if pair[0] in held_out))

    def match(self, source: WordVectors, target: WordVectors) -> Matched:
        """Find the rows of the pairs whose words are in both vocabularies.

        Words are looked up by :meth:`WordVectors.row_of`: as written, then in any letter case. A warning is
        logged when more pairs would be found with the columns exchanged.
        """
        rows = [(source.row_of(left), target.row_of(right)) for left, right in self.pairs]
        matched = [pair for pair in rows if min(pair) >= 0]
        missing = tuple(pair for pair, row in zip(self.pairs, rows, strict=True) if min(row) < 0)
        recased = sum(
            min(row) >= 0 and any(map(_recased, pair, (source, target), row))
            for pair, row in zip(self.pairs, rows, strict=True)
        )
        exchanged = sum(source.row_of(right) >= 0 and target.row_of(left) >= 0 for left, right in self.pairs)
        if exchanged > len(matched) > 0:
            logger.warning(
                "%d of %d dictionary pairs are in the vocabularies, but %d would be with the columns "
                "exchanged. %s.",
                len(matched),
                len(self),
                exchanged,
                _EXCHANGE,
            )
        distinct = np.array(list(dict.fromkeys(matched)), np.int64).reshape(-1, 2)
        return Matched(distinct, missing, len(self), recased, exchanged)


# What Lexicon.of accepts
LexiconLike = Lexicon | Mapping[str, str | Collection[str]] | Iterable[tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Matched:
    """The pairs of a lexicon as rows of two vocabularies.

    :param rows: int64 [p, 2], source row and target row of each distinct pair found.
    :param missing: the pairs with a word that its vocabulary lacks in every spelling.
    :param total: number of pairs in the lexicon.
    :param recased: pairs found with a word in another letter case than the lexicon's.
    :param exchanged: pairs that would be found with the columns exchanged.
    """

    rows: Indices
    missing: tuple[tuple[str, str], ...]
    total: int
    recased: int = 0
    exchanged: int = 0

    @property
    def coverage(self) -> float:
        """Share of the pairs that were found, in [0, 1]."""
        return 1 - len(self.missing) / self.total if self.total else 0.0


def load_lexicon(path: str | os.PathLike[str]) -> Lexicon:
    """Read a dictionary file: text with one pair a line, source word then target word.

    A tab separates the two; in a file without tabs, commas or semicolons if most lines have them, else white
    space. A first line of column names (such as ``source<tab>target``) is skipped, as are empty lines and
    lines that start with ``# ``. Columns after the second are ignored, and repeated pairs are kept once.
    The text is UTF-8, or UTF-16 with a byte-order mark; words are composed (Unicode NFC). JSON (an object, or
    a list of pairs), FreeDict's TEI and TMX are read, too.

    :raises FormatError: a line does not hold two words, or the file is of another kind or encoding; the
        message names the line.
    :raises DataError: the file is missing or holds no pair, or ``path`` is no path.
    """
    if not isinstance(path, str | os.PathLike):
        raise DataError(
            f"expected the path of a dictionary, found {kind_of(path)}", "Use Lexicon.of(PAIRS) for pairs."
        )
    file = existing(path)
    content = file.read_bytes()  # read once: the file may be a pipe, or change
    pairs = read_pairs(content, file)
    if not pairs:
        raise DataError(f"{file}: holds no pair of words", WRITE)
    lexicon = Lexicon.of(pairs)
    if len(lexicon) < len(pairs):
        logger.info("%s: %d repeated pairs kept once", file, len(pairs) - len(lexicon))
    return replace(lexicon, path=file, sha256=hashlib.sha256(content).hexdigest())


def no_match(lexicon: Lexicon, source: WordVectors, target: WordVectors) -> DataError:
    """Return the error for a lexicon of which no pair is inside both vocabularies.

    It shows words of the lexicon with words of the vocabulary that has the fewest of them; if pairs are found
    with the columns exchanged, it says so instead.

    >>> vectors = WordVectors(["house_N"], [[1]]), WordVectors(["maison_N"], [[1]])
    >>> no_match(Lexicon.of([("house", "maison")]), *vectors).message.split(": ")[1]
    "the dictionary has 'house', the source vectors have 'house_N'"
    """
    if not lexicon.pairs:
        return DataError("the dictionary holds no pair", WRITE)
    message = f"none of the {len(lexicon)} dictionary pairs is inside both vocabularies"
    if exchanged := lexicon.match(source, target).exchanged:
        return DataError(f"{message}, but {exchanged} are with the columns exchanged", f"{_EXCHANGE}.")
    sides = (("source", source, lexicon.sources()), ("target", target, lexicon.targets()))
    name, vocabulary, words = min(sides, key=lambda side: sum(side[1].row_of(word) >= 0 for word in side[2]))
    given, present = _examples(words, vocabulary)
    return DataError(
        f"{message}: the dictionary has {given}, the {name} vectors have {present}",
        "Write the words of the dictionary as the vectors have them.",
    )


def identical(source: WordVectors, target: WordVectors) -> Lexicon:
    """Return the words spelled alike in both vocabularies: digits, names, cognates (Artetxe et al. 2017)."""
    return Lexicon(tuple((word, word) for word in source.words if word in target))


def _recased(word: str, vocabulary: WordVectors, row: int) -> bool:
    return composed(word) != composed(vocabulary.words[row])


def _examples(words: Sequence[str], vocabulary: WordVectors) -> tuple[str, str]:
    """Quote words of a dictionary, and words of a vocabulary that contain them, or else the first ones."""
    frequent = vocabulary.words[:_FREQUENT]
    containing = (
        (word, next((other for other in frequent if word in other), ""))
        for word in words[:_COMPARED]
        if len(word) > 2
    )
    alike = [(word, other) for word, other in containing if other]
    sides = [word for word, _ in alike] or words, [other for _, other in alike] or frequent
    first, second = (", ".join(map(shown, side[:_EXAMPLES])) or "none" for side in sides)
    return first, second


def _checked(pair: object) -> tuple[str, str]:
    match pair:
        case (str() as source, str() as target):
            return source, target
    raise DataError(f"expected a pair of words, found {pair!r}", "Give pairs such as ('house', 'maison').")


def _draw(words: tuple[str, ...], count: int, random_state: int) -> set[str]:
    order = np.random.default_rng(random_state).permutation(len(words))[:count]
    return {words[place] for place in order}
