"""Which vectors and dictionaries are published, at which addresses, and where they are kept here."""

from __future__ import annotations

import functools
import os
import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, cast, get_args

from translator.data import path
from translator.errors import DataError
from translator.formats.cache import cache_folder

# The one address of the published files; every path below is relative to it
HOST = "https://dl.fbaipublicfiles.com/"
MIRROR = "TRANSLATOR_MIRROR"  # environment variable with the address of a server that has the same paths

Collection = Literal["crawl", "wiki"]
Split = Literal["full", "train", "test"]

_VECTORS: dict[tuple[Collection, bool], str] = {
    ("crawl", True): "fasttext/vectors-crawl/cc.{}.300.bin.gz",
    ("crawl", False): "fasttext/vectors-crawl/cc.{}.300.vec.gz",
    ("wiki", False): "fasttext/vectors-wiki/wiki.{}.vec",
}
_SPLITS: dict[str, str] = {"full": "", "train": ".0-5000", "test": ".5000-6500"}
# MUSE has dictionaries between English and each of the first, and between all of the second
_WITH_ENGLISH = (
    "af ar bg bn bs ca cs da de el es et fa fi fr he hi hr hu id it ja ko lt lv mk ms nl no pl pt ro ru sk "
    "sl sq sv ta th tl tr uk vi zh"
)
_EUROPEAN = "de en es fr it pt"


@dataclass(frozen=True)
class Published:
    """A published file.

    :param name: what messages call it, such as ``fi``.
    :param path: its path on the server.
    :param file: where it is kept here, unpacked.
    """

    name: str
    path: str
    file: Path

    def address(self, mirror: str | None = None) -> str:
        """Return the file's address on a mirror, by default ``$TRANSLATOR_MIRROR``, or else on the host.

        :raises DataError: the mirror's address does not begin with ``http://`` or ``https://``.
        """
        base = mirror or os.environ.get(MIRROR) or HOST
        if not base.startswith(("http://", "https://")):
            raise DataError(f"mirror {base!r}: expected an address that begins with http:// or https://")
        return f"{base.rstrip('/')}/{self.path}"


@functools.cache
def languages() -> dict[str, tuple[str, tuple[Collection, ...]]]:
    """Return the English name and the collections of each code with published fastText vectors.

    >>> languages()["fi"]
    ('Finnish', ('crawl', 'wiki'))
    """
    rows = (line.split("\t") for line in path("fasttext.tsv").read_text("utf-8").splitlines())
    return {
        code: (name, cast(tuple[Collection, ...], tuple(collections.split(","))))
        for code, name, collections in rows
    }


def dictionary_pairs() -> list[str]:
    """Return the language pairs with a published dictionary, such as ``en-fi``."""
    with_english = [pair for code in _WITH_ENGLISH.split() for pair in (f"en-{code}", f"{code}-en")]
    codes = _EUROPEAN.split()
    return sorted({*with_english, *(f"{one}-{other}" for one in codes for other in codes if one != other)})


def vectors_of(code: str, collection: Collection | None = None, *, subwords: bool = False) -> Published:
    """Find the published vectors of a language.

    :param code: as in ``languages()``.
    :param collection: ``crawl`` or ``wiki``; None for ``crawl`` where it has the language.
    :param subwords: the fastText model instead of the words' vectors.
    :raises DataError: there are none; the hint names similar codes.
    """
    if code not in languages():
        raise DataError(f"no vectors are published for {code!r}", _similar_code(code))
    _, collections = languages()[code]
    chosen: Collection = collection or collections[0]
    if chosen not in get_args(Collection):
        raise DataError(f"collection {chosen!r}: expected one of {', '.join(get_args(Collection))}")
    if chosen not in collections:
        raise DataError(
            f"{code!r} is not in the collection {chosen!r}", f'Use collection="{collections[0]}".'
        )
    if (chosen, subwords) not in _VECTORS:
        raise DataError(
            f"{code!r}: the collection {chosen!r} has no model with subwords that can be read",
            "Fetch without `subwords`.",
        )
    file = cache_folder() / "vectors" / chosen / f"{code}{'.bin' if subwords else '.vec'}"
    return Published(code, _VECTORS[chosen, subwords].format(code), file)


def all_vectors_of(code: str) -> list[Published]:
    """Return all published vectors of a language: its model with subwords first, then its words' vectors.

    :raises DataError: there are none.
    """
    vectors_of(code)
    _, collections = languages()[code]
    return [vectors_of(code, one, subwords=subwords) for one, subwords in _VECTORS if one in collections]


def dictionary_of(pair: str, split: Split = "full") -> Published:
    """Find a published dictionary.

    :param pair: two codes, such as ``en-fi``.
    :param split: ``full``, ``train`` (the 5,000 most frequent source words) or ``test`` (the next 1,500).
    :raises DataError: there is none; the hint names similar pairs.
    """
    if split not in _SPLITS:
        raise DataError(f"split {split!r}: expected one of {', '.join(_SPLITS)}")
    pairs = dictionary_pairs()
    if pair not in pairs:
        code = next((part for part in pair.split("-") if part != "en"), pair)
        near = [one for one in pairs if code in one.split("-")] or get_close_matches(pair, pairs, 5)
        raise DataError(
            f"no dictionary is published for {pair!r}",
            f"Published: {', '.join(near)}." if near else "Published are pairs with English, such as en-fi.",
        )
    name = f"{pair}{_SPLITS[split]}.txt"
    return Published(name, f"arrival/dictionaries/{name}", cache_folder() / "dictionaries" / name)


def is_code(text: str) -> bool:
    """Return whether a text looks like a code, or is the name, of a language and not the name of a file."""
    named = any(text.lower() == name.lower() for name, _ in languages().values())
    return named or re.fullmatch(r"[A-Za-z]{2,3}([_-][A-Za-z]+)*", text) is not None


def is_pair(text: str) -> bool:
    """Return whether a text is two codes of languages, such as ``en-ka``.

    >>> is_pair("en-ka"), is_pair("my-own")
    (True, False)
    """
    codes = text.split("-")
    return len(codes) == 2 and all(code in languages() for code in codes)


def _similar_code(code: str) -> str:
    """Name codes that the user may have meant, such as ``fi`` for ``fin``, ``finnish`` or ``fi-FI``."""
    wanted, names = code.lower(), {name.lower(): one for one, (name, _) in languages().items()}
    base = re.split("[-_]", wanted)[0]
    near = [base] if base in languages() else []
    near += [one for name, one in names.items() if len(wanted) > 2 and name.startswith(wanted[:4])]
    near += get_close_matches(wanted, languages(), 3)
    near += [names[name] for name in get_close_matches(wanted, names, 2)]
    shown = [f"{one} ({languages()[one][0]})" for one in dict.fromkeys(near)][:5]
    return f"Similar: {', '.join(shown)}." if shown else "Use an ISO 639-1 code, such as fi."
