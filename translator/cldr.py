"""A seed dictionary for any two of 150 languages: names from Unicode CLDR, the Common Locale Data Repository.

Languages, territories, scripts, months, weekdays, units of time and emoji have names in every language, so
the names of one thing in two languages are a pair of translations. The names ship with the package
(``translator/data/cldr.json.gz``, built by ``scripts/build_names.py``). ``docs/results.md`` compares
them with other seed dictionaries.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from itertools import product
from pathlib import Path

from translator.data import path as data_path
from translator.errors import DataError
from translator.lexicon import Lexicon

FILE = "cldr.json.gz"


def cldr_lexicon(source: str, target: str) -> Lexicon:
    """Return the single-word names that CLDR has for the same things in two languages.

    :param source: code of a language, such as ``pt``, ``pt-BR`` or ``por``, or its English name.
    :param target: likewise.
    :raises DataError: CLDR has too few names of a language; the hint lists codes spelled alike.

    >>> lexicon = cldr_lexicon("en", "ja")
    >>> [pair for pair in lexicon if pair[0] in ("Russia", "Thursday", "guitar")]
    [('Thursday', '木曜日'), ('guitar', 'ギター'), ('Russia', 'ロシア')]
    """
    languages = language_code(source), language_code(target)
    names = [_data().names[language] for language in languages]
    pairs = (product(left.split("|"), right.split("|")) for left, right in zip(*names, strict=True))
    words = Lexicon.of((left, right) for cells in pairs for left, right in cells if left and right)
    return replace(words, languages=languages)


def language_code(name: str) -> str:
    """Return the code under which CLDR has the names of a language.

    :param name: a code, with a region or script or without, of two letters or three; or an English name.
    :raises DataError: there is none; the hint lists codes spelled alike.

    >>> [language_code(name) for name in ("pt_BR", "nb", "fin", "Georgian")]
    ['pt', 'no', 'fi', 'ka']
    """
    data = _data()
    for spelling in (name.lower(), re.split("[-_]", name.lower())[0]):
        if (code := data.aliases.get(spelling, spelling)) in data.names:
            return code
    close = get_close_matches(name.lower(), [*data.names, *data.aliases], n=5)
    meant = f"Did you mean {' or '.join(close)}?" if close else "Use a code such as en, ka or pt-BR."
    raise DataError(f"{name!r}: CLDR has no names in a language of this code", meant)


def file_language(path: Path) -> str | None:
    """Return the language that the name of a file of vectors contains as a code; None for none or several.

    >>> [file_language(Path(name)) for name in ("cc.ka.300.bin", "fi-40000.vec", "vectors.txt")]
    ['ka', 'fi', None]
    """
    stem = re.sub(r"(\.vec)?\.\w+$", "", path.name)  # vec is the code of Venetian, too
    known = (_data().aliases.get(part, part) for part in re.split(r"[-_.]", stem))
    codes = {code for code in known if code in _data().names}
    return codes.pop() if len(codes) == 1 else None


@dataclass(frozen=True)
class _Data:
    """The file: names of each language, in one order of things, several of a thing joined by ``|``."""

    names: Mapping[str, Sequence[str]]
    aliases: Mapping[str, str]


@cache
def _data() -> _Data:
    content = json.loads(gzip.decompress(data_path(FILE).read_bytes()))
    return _Data(content["names"], content["aliases"])
