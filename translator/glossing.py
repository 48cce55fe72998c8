"""Gloss texts: write each word of a text in the language of another, without changing their order.

A gloss is not a translation: nothing chooses words by their context, and grammar stays that of the source.
It is made at the speed of a look-up, and a search engine or a sentence encoder of the target language
understands most of it.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args, overload
from unicodedata import category

from translator.alignment import Alignment, check_alignment
from translator.errors import DataError
from translator.tokens import count_scripts, is_cased, script_of, split, text_list
from translator.translation import Candidate, Translation, VectorOrigin, check_k, translate

logger = logging.getLogger(__name__)

Kept = Literal["numbers", "unknown", "case", "punctuation"]
KEEP: tuple[Kept, ...] = get_args(Kept)
SENSES = 10  # candidates of a word
FOREIGN = 0.01  # a script of a smaller share of the frequent words is not the language's own

_JOINING = {"", "'", "’"}  # separators that become a space; "" is in scripts without spaces, and in "3D"
_SENTENCE_ENDS = frozenset(".!?…:\n。！？؟।")


@dataclass(frozen=True)
class GlossedWord:
    """One word of a text and its gloss.

    :param word: as in the text.
    :param gloss: the words in its place; empty if the word was dropped.
    :param vector_origin: as in :class:`~translator.translation.Translation`.
    :param candidates: best first; none for a word that was not translated.
    """

    word: str
    gloss: str
    vector_origin: VectorOrigin
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class Gloss:
    """A text in the words of another language.

    :param source: the text.
    :param text: its gloss.
    """

    source: str
    text: str
    words: tuple[GlossedWord, ...]

    def __str__(self) -> str:
        return self.text


@dataclass(eq=False, repr=False)
class Glosser:
    """Gloss texts word by word; each distinct word is translated once, and its translation is kept.

    :param alignment: from the language of the texts into the language of the glosses.
    :param at_least: write all candidates of a word that are right with at least this probability, the best
        one always; by default the best one alone.
    :param keep: what stays as in the source: ``numbers``; ``unknown``, words without a vector, otherwise
        dropped; ``case``, capitals at the start of sentences and of words in capitals; ``punctuation``,
        otherwise one space separates words.
    :param k: candidates of each word.
    :raises DataError: an argument is out of range, or probabilities are asked of an alignment without a
        ranker.

    >>> import numpy as np
    >>> from translator import WordVectors, align
    >>> vectors = np.random.default_rng(0).standard_normal((3, 3)).astype(np.float32)
    >>> source = WordVectors(["chien", "un", "saute"], vectors)
    >>> target = WordVectors(["dog", "a", "jumps"], vectors[:, ::-1])
    >>> alignment = align(source, target, {"chien": "dog", "un": "a", "saute": "jumps"})
    >>> glosser = Glosser(alignment)
    >>> glosser.gloss("Un chien saute, 2 fois!").text
    'A dog jumps, 2 fois!'
    >>> [gloss.text for gloss in glosser.gloss(["un chien", "saute"])]
    ['a dog', 'jumps']
    """

    alignment: Alignment
    at_least: float | None = None
    keep: Collection[Kept] = KEEP
    k: int = SENSES
    device: str = "cpu"
    _known: dict[tuple[str, bool], GlossedWord] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_alignment(self.alignment)
        check_k(self.k)
        if unknown := set(self.keep) - set(KEEP):
            raise DataError(f"keep={sorted(unknown)}: expected some of {', '.join(KEEP)}")
        if self.at_least is not None and not 0 <= self.at_least <= 1:
            raise DataError(f"at_least={self.at_least}: expected a probability from 0 to 1")
        if self.at_least is not None and self.alignment.rankers[0] is None:
            raise DataError(
                "at_least: needs probabilities, and the alignment has no ranker",
                "Align again without rerank=False, or leave out `at_least`.",
            )
        self._punctuated = "punctuation" in self.keep
        self._lowercase = not is_cased(self.alignment.source.mapped.words)

    @overload
    def gloss(self, texts: str) -> Gloss: ...  # type: ignore[overload-overlap]  # a str is a sequence of str
    @overload
    def gloss(self, texts: Sequence[str]) -> list[Gloss]: ...
    def gloss(self, texts: str | Sequence[str]) -> Gloss | list[Gloss]:
        """Return the gloss of a text, or those of several.

        :raises DataError: the texts are no list, or one of them is no string.
        """
        pieces = [split(text) for text in text_list(texts)]
        tokens = list(dict.fromkeys(token for text in pieces for token in text[1::2]))
        self._check_script(tokens)
        self._learn(tokens)
        sources = [texts] if isinstance(texts, str) else texts
        glosses = [self._glossed(*both) for both in zip(sources, pieces, strict=True)]
        return glosses[0] if isinstance(texts, str) else glosses

    def _check_script(self, tokens: Sequence[str]) -> None:
        """Warn if the source vocabulary is written in another script."""
        source = self.alignment.source
        script, known = script_of(tokens), count_scripts(source.mapped.words)
        if tokens and script != "none" and known[script] < FOREIGN * known.total():
            own = known.most_common(1)[0][0]
            logger.warning(
                "most words of the texts are in %s script, those of %s in %s script: glosses mean little",
                *(script, source.name, own),
            )

    def _learn(self, tokens: Iterable[str]) -> None:
        """Translate the tokens that are new."""
        spelled = {
            token: token.lower() if self._lowercase else token
            for token in tokens
            if (token, False) not in self._known
        }
        wanted = sorted({word for token, word in spelled.items() if not self._is_kept_number(token)})
        found = translate(self.alignment, wanted, self.k, device=self.device) if wanted else []
        translations = {translation.word: translation for translation in found}
        for token, word in spelled.items():
            for opens in (False, True):
                self._known[token, opens] = self._glossed_word(token, translations.get(word), opens)

    def _is_kept_number(self, token: str) -> bool:
        return "numbers" in self.keep and category(token[0])[0] == "N"

    def _glossed_word(self, token: str, translation: Translation | None, opens: bool) -> GlossedWord:
        if translation is None:
            return GlossedWord(token, token, "unknown", ())
        if not translation.candidates:
            return GlossedWord(token, token if "unknown" in self.keep else "", translation.vector_origin, ())
        senses = self._senses(translation.candidates)
        if "case" in self.keep:
            senses = [in_case_of(token, sense, opens) for sense in senses]
        return GlossedWord(token, " ".join(senses), translation.vector_origin, translation.candidates)

    def _senses(self, candidates: Sequence[Candidate]) -> list[str]:
        """Return the candidates to be written, their words separated by spaces."""
        least = self.at_least
        probable = [] if least is None else [one for one in candidates[1:] if (one.probability or 0) >= least]
        return [one.word.replace("_", " ") for one in (candidates[0], *probable)]

    def _glossed(self, source: str, pieces: Sequence[str]) -> Gloss:
        words: list[GlossedWord] = []
        written: list[str] = []
        same_before = True  # whether the word before was left as it is
        for separator, token in zip(pieces[::2], pieces[1::2], strict=False):
            opens = not words or not _SENTENCE_ENDS.isdisjoint(separator)
            word = self._known[token, opens]
            words.append(word)
            if not word.gloss:
                continue
            same = word.gloss == token
            if not written:
                separator = pieces[0] if self._punctuated else ""
            elif not self._punctuated or (separator in _JOINING and not (same and same_before)):
                separator = " "
            written += separator, word.gloss
            same_before = same
        return Gloss(source, "".join([*written, pieces[-1] * self._punctuated]), tuple(words))


def in_case_of(word: str, gloss: str, opens: bool) -> str:
    """Return a gloss in the letter case of its word.

    :param opens: whether the word is the first of a sentence; elsewhere a capital may be a rule of the
        source language alone, like that of German nouns.

    >>> in_case_of("Hund", "dog", False), in_case_of("Hund", "dog", True), in_case_of("HUND", "dog", False)
    ('dog', 'Dog', 'DOG')
    >>> in_case_of("Paris", "paris", False)
    'Paris'
    """
    if gloss.lower() == word.lower():
        return word
    if len(word) > 1 and word.isupper():
        return gloss.upper()
    return gloss[:1].upper() + gloss[1:] if opens and word[:1].isupper() else gloss
