"""Which words of a text a model knows, and by what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from translator.tokens import tokenize
from translator.vectors import has_vector
from vse.words.embeddings import Embeddings


@dataclass(frozen=True)
class Recognised:
    """Sort the words of a text by how a model knows them.

    :param whole: words of the vocabulary.
    :param subwords: words that have a vector by their letters alone.
    :param unknown: words without a vector, or without a translation where they are read through a lexicon.
    :param through: what the known words are read through, ``lexicon`` or ``map``.
    """

    whole: tuple[str, ...]
    subwords: tuple[str, ...]
    unknown: tuple[str, ...]
    through: str

    @property
    def share(self) -> float:
        """Return the share of the words in the vocabulary, in [0, 1]; 0 for a text without words."""
        count = len(self.whole) + len(self.subwords) + len(self.unknown)
        return len(self.whole) / count if count else 0.0


def recognised(texts: Sequence[str], source: Embeddings) -> list[Recognised]:
    """Return how the words of each text are known.

    :param source: the word vectors of their language, as a model reads them.
    :raises DataError: the word vectors are missing or have changed.
    """
    vocabulary, found = set(source.vectors.words), []
    for text in texts:
        tokens = tokenize(text, lowercase=source.lowercase)
        known = has_vector(source.reader.embed(tokens)).tolist() if tokens else []
        kinds: dict[str, list[str]] = {"whole": [], "subwords": [], "unknown": []}
        for token, has in zip(tokens, known, strict=True):
            kinds["unknown" if not has else "whole" if token in vocabulary else "subwords"].append(token)
        sorted_words = {kind: tuple(words) for kind, words in kinds.items()}
        found.append(Recognised(**sorted_words, through=source.through))
    return found
