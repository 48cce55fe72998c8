"""Split text into tokens. Both packages use this tokeniser, in training and in search.

- A token is a run of letters with their combining marks, or a run of digits. Everything else separates
  tokens and is dropped: punctuation, symbols, emoji, apostrophes (``l'homme`` is ``l``, ``homme``), hyphens.
- In scripts written without spaces (Han, Hiragana, Thai, Lao, Khmer, Myanmar) each letter with its marks is
  a token of its own: to find words would take a dictionary. Runs of Katakana, mostly one loan word each, stay
  together with their prolonged sound marks.
- Text is composed (Unicode NFC), and presentation forms, such as full-width letters, half-width Katakana,
  ligatures and shaped Arabic letters, become the letters they show. NFKC would do that as well, but it also
  decomposes characters that vocabularies keep: Thai sara am, ``½``, ``²``, the jamo of Korean laughter.
- Invisible characters are dropped within words: soft hyphens, variation selectors, the Arabic tatweel. The
  joiners that Persian and the scripts of India need inside words are kept.
- Lower case is that of Unicode, no language's own: Turkish ``I`` becomes ``i``, as does ``İ``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from unicodedata import category, name, normalize

from translator.errors import DataError, kind_of

KATAKANA = ((0x30A1, 0x30FF), (0x31F0, 0x31FF), (0x1AFF0, 0x1B000), (0x1B120, 0x1B122), (0x1B155, 0x1B167))
UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x309F),  # Han radicals and iteration marks, Hiragana
    (0x3400, 0x9FFF),  # Han
    (0xA9E0, 0xA9FF),  # Myanmar
    (0xAA60, 0xAA7F),  # Myanmar
    (0xF900, 0xFAFF),  # Han
    (0x1B001, 0x1B11F),  # Hiragana
    (0x1B132, 0x1B152),  # Hiragana
    (0x20000, 0x33FFF),  # Han
)
CASED = 0.01  # a vocabulary with a larger share of words with capitals keeps them
WITH_DIGITS = 0.5  # more strings with a digit are ids; of the words of seven languages, 0.01 to 0.03 have one
FREQUENT = 10_000  # words of a vocabulary that decide its letter case and script, and whether they are ids

_TATWEEL = "\u0640"
_FOLDED: dict[int, str | None] = {
    code: normalize("NFKC", chr(code)).replace(_TATWEEL, "") for code in range(0xFB00, 0xFFF0)
}
_FOLDED |= dict.fromkeys([0xAD, ord(_TATWEEL), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
_FOLDED[0x2BC] = "'"  # the letter that is an apostrophe


def tokenize(text: str, *, lowercase: bool = True) -> list[str]:
    """Return the tokens of a text in order; none if it holds neither letters nor digits.

    >>> tokenize("L'homme, 2 Chiens!")
    ['l', 'homme', '2', 'chiens']
    """
    text = _composed(text)
    if lowercase:  # "İ" leaves a second dot over its i, which no vocabulary has
        text = normalize("NFC", text.lower().replace("i\u0307", "i"))
    return _pattern().findall(text)


def split(text: str) -> list[str]:
    """Return a text in pieces: a separator, a token, a separator, and so on; separators may be empty.

    The tokens are those of :func:`tokenize`, in their own letter case.

    >>> split("L'homme, 2 Chiens!")
    ['', 'L', "'", 'homme', ', ', '2', ' ', 'Chiens', '!']
    """
    return _pattern().split(_composed(text))


def script_of(words: Sequence[str]) -> str:
    """Return the script of most of the words, such as ``latin``; ``none`` if no word has letters.

    >>> script_of(["house", "дом", "casa"]), script_of(["1", "2"])
    ('latin', 'none')
    """
    scripts = count_scripts(words)
    return scripts.most_common(1)[0][0] if scripts else "none"


def count_scripts(words: Sequence[str]) -> Counter[str]:
    """Count the words of each script, by their first letters, among the first :data:`FREQUENT` words.

    >>> count_scripts(["house", "дом", "casa", "2"])
    Counter({'latin': 2, 'cyrillic': 1})
    """
    letters = (next((letter for letter in word if letter.isalpha()), "") for word in words[:FREQUENT])
    return Counter(name(letter, "unknown").split()[0].lower() for letter in letters if letter)


def text_list(texts: str | Iterable[str], name: str = "texts") -> list[str]:
    """Return texts as a list; one string is a list of one text.

    :param name: of the argument, for messages.
    :raises DataError: the texts are no list, or one of them is no string.

    >>> text_list("a dog")
    ['a dog']
    """
    if isinstance(texts, str):
        return [texts]
    try:
        listed = list(texts)
    except TypeError:
        raise DataError(f"{name}: {kind_of(texts)}, expected a string or a list of strings") from None
    for row, text in enumerate(listed):
        if not isinstance(text, str):
            raise DataError(f"{name}[{row}]: {kind_of(text)}, expected a string")
    return listed


def is_cased(words: Sequence[str]) -> bool:
    """Return whether a vocabulary keeps capitals, so that text for it is not lower-cased.

    :param words: the most frequent words first.
    """
    head = words[:FREQUENT]
    return sum(word != word.lower() for word in head) > CASED * len(head)


def are_ids(words: Sequence[str]) -> bool:
    """Return whether strings are ids of records rather than words: most of them contain a digit.

    >>> are_ids(["row1", "row2", "0c7e"]), are_ids(["house", "1984", "tree"])
    (True, False)
    """
    head = words[:FREQUENT]
    return sum(any(map(str.isdigit, word)) for word in head) > WITH_DIGITS * len(head)


def _composed(text: str) -> str:
    return normalize("NFC", text.translate(_FOLDED))


def _kinds() -> str:
    """Return the kind of each character by code point: the first letter of its Unicode category.

    ``K`` instead for letters of Katakana, and ``U`` for those of other scripts without spaces.
    """
    kinds = "".join(map(category, map(chr, range(0x34000))))[::2]
    for kind, (first, last) in chain((("K", r) for r in KATAKANA), (("U", r) for r in UNSPACED)):
        kinds = kinds[:first] + kinds[first : last + 1].replace("L", kind) + kinds[last + 1 :]
    return kinds


@cache  # compiled on first use, in a tenth of a second
def _pattern() -> re.Pattern[str]:
    """Return a pattern whose one group is a token.

    ``re`` looks characters up to U+FFFF up in a table, but tries ranges above one by one: those are
    a separate alternative, behind a check that most characters fail.
    """
    kinds = _kinds()

    def ranges(some: str, start: int, end: int) -> str:
        runs = re.compile(f"[{some}]+").finditer(kinds, start, end)
        return "".join(f"{chr(run.start())}-{chr(run.end() - 1)}" for run in runs)

    def of(some: str, count: str = "") -> str:
        near, far = ranges(some, 0, 0x10000), ranges(some, 0x10000, len(kinds))
        return f"(?:[{near}]{count}|(?=[\U00010000-\U0010ffff])[{far}]{count})"

    letters, joiners = of("LM", "+"), "[\u200c\u200d]+"
    word = f"{of('L')}{letters}*(?:{joiners}{letters}+)*"
    katakana = f"{of('K')}{of('KM', '+')}*"
    return re.compile(f"({word}|{of('N', '+')}+|{katakana}|{of('U')}{of('M', '+')}*)")
