"""Vectors for any string, computed from its character n-grams.

Bojanowski et al., "Enriching Word Vectors with Subword Information" (TACL 2017). N-grams, hashes and the
mean over rows are those of fastText, so vectors equal those of its ``get_word_vector``.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from translator.errors import DataError
from translator.vectors import Floats, Indices, WordVectors, described
from translator.vectors.letter_case import composed
from translator.vectors.matrices import allocate, finite_rows

END_OF_SENTENCE = "</s>"  # fastText's token for a line break: it has no n-grams and is not translated

_BLOCK = 4096  # words embedded at once: limits the memory for their n-grams
NOT_UTF8 = re.compile("[\udc80-\udcff]")  # bytes kept by surrogateescape

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingArguments:
    """The training arguments of a fastText model: copied from file to file, without effect on vectors."""

    ws: int = 5
    epoch: int = 5
    min_count: int = 1
    neg: int = 5
    word_ngrams: int = 1
    loss: int = 2
    model: int = 2
    lr_update_rate: int = 100
    t: float = 1e-4
    tokens: int = 0


@dataclass(frozen=True, eq=False, repr=False)
class SubwordVectors:
    """A fastText model: a vocabulary, and vectors for any string.

    :param words: the vocabulary, the most frequent first; bytes that are not UTF-8 are kept as surrogates.
    :param counts: int64 [n], occurrences of each word in training.
    :param rows: float32 [n + bucket, d]: one row for each word, then one for each n-gram bucket; may be a
        read-only memory map.
    :param minn: length of the shortest n-gram in characters.
    :param maxn: length of the longest n-gram in characters; 0 for no n-grams.
    :param bucket: number of n-gram buckets.
    :param training: the arguments the model was trained with.
    :param path: the file the model was read from, if any.
    :param state: the file's :func:`translator.files.state_of` when it was read.
    :raises DataError: the shapes disagree.

    >>> import numpy as np
    >>> rows = np.ones((11, 2), np.float32)
    >>> vectors = SubwordVectors(["cat"], np.array([5]), rows, minn=3, maxn=6, bucket=10)
    >>> vectors
    SubwordVectors(1 words, 2 dimensions)
    >>> vectors["not in the vocabulary"].shape
    (2,)
    """

    words: Sequence[str]
    counts: Indices
    rows: Floats
    minn: int
    maxn: int
    bucket: int
    training: TrainingArguments = TrainingArguments()
    path: Path | None = None
    state: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.rows.ndim != 2 or self.bucket < 0 or len(self.rows) != len(self.words) + self.bucket:
            raise DataError(
                f"rows have shape {self.rows.shape}, expected one row for each of {len(self.words)} words"
                f" and {self.bucket} n-gram buckets"
            )
        if len(self.counts) != len(self.words):
            raise DataError(f"{len(self.words)} words but {len(self.counts)} counts")

    @cached_property
    def index(self) -> dict[str, int]:
        """The row number of each word of the vocabulary."""
        return {word: row for row, word in enumerate(self.words)}

    @property
    def dimension(self) -> int:
        """Number of dimensions of each vector."""
        return int(self.rows.shape[1])

    def __repr__(self) -> str:
        return described(self)

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.index

    def __getitem__(self, word: str) -> Floats:
        """Return the vector of any string, float32 [d]; zeros if it has no n-gram."""
        vector: Floats = self.embed([word])[0]
        return vector

    @cached_property
    def _decomposed(self) -> bool:
        """Whether words with accents are mostly in Unicode NFD in this vocabulary."""
        others = [word for word in self.words if not word.isascii()]
        return 2 * sum(composed(word) != word for word in others) > len(others)

    def _as_trained(self, word: str) -> str:
        """Return a word in the Unicode form in which the vocabulary has it, or has most of its words."""
        if word.isascii() or word in self.index:
            return word
        forms = [unicodedata.normalize(form, word) for form in ("NFC", "NFD")]
        return next((form for form in forms if form in self.index), forms[1] if self._decomposed else word)

    def embed(self, words: Sequence[str]) -> Floats:
        """Return the vectors of any strings, float32 [len(words), d].

        A vector is the mean of the word's row, if it is in the vocabulary, and the rows of its n-grams. A
        string without any row, such as ``""`` if n-grams are long, gets zeros.
        """
        vectors = allocate(len(words), self.dimension)
        for start in range(0, len(words), _BLOCK):
            self._embed_block(words[start : start + _BLOCK], vectors[start : start + _BLOCK])
        return vectors

    def _embed_block(self, words: Sequence[str], out: Floats) -> None:
        from scipy.sparse import csr_array

        owners, rows = self._rows_of([self._as_trained(word) for word in words])
        weights = (1 / np.bincount(owners)[owners]).astype(np.float32)
        mean = csr_array((weights, (owners, rows)), shape=(len(words), len(self.rows)))
        out[:] = mean @ self.rows  # reads only the rows it needs, so a memory map stays on disk

    def _rows_of(self, words: Sequence[str]) -> tuple[Indices, Indices]:
        """Return the rows whose mean is each word's vector: positions in ``words`` and rows, int64."""
        word_rows = np.array([self.index.get(word, -1) for word in words], np.int64)
        in_vocabulary = np.flatnonzero(word_rows >= 0)
        word_rows = word_rows[in_vocabulary]
        if not self.bucket:
            return in_vocabulary, word_rows
        owners, hashes = ngram_hashes([_utf8(word) for word in words], self.minn, self.maxn)
        has_ngrams = np.array([word != END_OF_SENTENCE for word in words], bool)[owners]
        buckets = len(self.words) + hashes[has_ngrams].astype(np.int64) % self.bucket
        return np.concatenate([in_vocabulary, owners[has_ngrams]]), np.concatenate([word_rows, buckets])

    @cached_property
    def vocabulary(self) -> Sequence[str]:
        """The words in Unicode NFC, each once, without ``</s>`` and words that are not valid UTF-8."""
        words = (word for word in self.words if word != END_OF_SENTENCE and not NOT_UTF8.search(word))
        return list(dict.fromkeys(map(composed, words)))

    def table(self, limit: int | None = None) -> WordVectors:
        """Return the first ``limit`` words of the vocabulary with their vectors.

        :raises DataError: a vector is not finite.
        """
        words = self.vocabulary
        if dropped := sum(NOT_UTF8.search(word) is not None for word in self.words):
            logger.warning("left out %d words that are not valid UTF-8", dropped)
        vectors = WordVectors(words[:limit], self.embed(words[:limit]), self.path, self.state)
        finite = finite_rows(vectors.matrix)
        if not finite.all():
            raise DataError(
                f"the vector of {words[int(np.argmin(finite))]!r} is not finite",
                "The model is damaged, as by fastText 0.9.3 with fewer than 10 threads: train it again.",
            )
        return vectors


def ngram_hashes(words: Sequence[bytes], minn: int, maxn: int) -> tuple[Indices, npt.NDArray[np.uint32]]:
    """Return the hashes of the character n-grams of ``<word>`` for all words at once.

    The hash is FNV-1a over the UTF-8 bytes, each sign-extended to 32 bits, as in fastText.
    The boundary signs ``<`` and ``>`` alone are not n-grams.

    :param words: UTF-8, without the boundary signs.
    :param minn: length of the shortest n-gram in characters, and ``maxn`` of the longest.
    :returns: for each n-gram the position of its word, int64, and its hash, uint32.

    >>> owners, hashes = ngram_hashes([b"cat", b"a"], minn=3, maxn=3)
    >>> owners.tolist()  # <ca, cat, at> and <a>
    [0, 0, 0, 1]
    """
    text = np.frombuffer(b"".join(b"<%b>" % word for word in words), np.uint8)
    heads = np.flatnonzero(text & 0xC0 != 0x80)  # first byte of each character
    sizes = np.diff(heads, append=len(text))
    lengths = np.array([len(word) + 2 for word in words], np.int64)
    owners = np.repeat(np.arange(len(words)), lengths)[heads]
    stops = np.searchsorted(heads, np.cumsum(lengths))[owners]  # the character after the word's last one
    extended = text.view(np.int8).astype(np.uint32)

    starts, hashes = np.arange(len(heads)), np.full(len(heads), 2166136261, np.uint32)
    ngrams: list[tuple[Indices, npt.NDArray[np.uint32]]] = [(starts[:0], hashes[:0])]
    for n in range(1, min(maxn, int(lengths.max(initial=0))) + 1):
        inside = starts + n <= stops[starts]
        starts, hashes = starts[inside], hashes[inside]
        added = starts + n - 1  # the n-th character, which extends the (n-1)-gram
        for byte in range(int(sizes[added].max(initial=0))):
            longer = sizes[added] > byte
            hashes[longer] = (hashes[longer] ^ extended[heads[added[longer]] + byte]) * np.uint32(16777619)
        if n >= minn:
            whole = np.ones(len(starts), bool)
            if n == 1:
                whole = (np.diff(owners, prepend=-1) == 0) & (starts + 1 < stops)
            ngrams.append((owners[starts[whole]], hashes[whole]))
    return np.concatenate([owner for owner, _ in ngrams]), np.concatenate([values for _, values in ngrams])


def _utf8(word: str) -> bytes:
    try:
        return word.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a lone surrogate that represents no byte
        return word.encode("utf-8", "replace")
