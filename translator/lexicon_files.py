"""Write an induced lexicon for people and programs.

==========  ==================================================================================
format      content
==========  ==================================================================================
tsv, csv    a table with the columns source, target, score, rank, mutual, probability
json        an object: each source word with a list of its translations
moses       ``target source probability``, as in Moses' ``lex.f2e``: p(target | source)
hunalign    ``target @ source``, a dictionary of the sentence aligner hunalign
anki        flash cards: a word, and its translations
stardict    ``.ifo``, ``.idx`` and ``.dict``, for StarDict, GoldenDict and KOReader
dictd       ``.index`` and ``.dict``, for servers of the DICT protocol and their clients
==========  ==================================================================================

Most formats cannot hold every word, such as one with a tab. Entries with such words are left out, with a
warning.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from translator.errors import DataError
from translator.induction import Entry
from translator.writing import replacing

_COLUMNS = ("source", "target", "score", "rank", "mutual", "probability")
_NONE = re.compile(r"(?!)")
_BREAK = re.compile(r"[\t\n\r]")
_SPACE = re.compile(r"\s")
_BREAK_OR_AT = re.compile(r"[\t\n\r]|(?:^| )@(?: |$)")
_BREAK_OR_NUL = re.compile(r"[\0\n\r]")
_TAB_BREAK_OR_NUL = re.compile(r"[\0\t\n\r]")
_LONGEST = 255  # bytes of a word in StarDict's index
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"  # of numbers in dictd's index
_DICTD_FLAGS = ("00-database-utf8", "00-database-allchars")  # words are UTF-8, and punctuation counts

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LexiconFormat:
    """A file format of lexicons.

    :param suffixes: one file each; the name that the user gives ends in the first.
    :param contents: from entries and a title to the content of each of these files.
    :param impossible: finds what no word may contain.
    """

    suffixes: tuple[str, ...]
    contents: Callable[[Sequence[Entry], str], Sequence[bytes]]
    impossible: re.Pattern[str]


def write_lexicon(entries: Sequence[Entry], path: str | os.PathLike[str], form: str = "tsv") -> None:
    """Write a lexicon.

    :param path: a file; ``stardict`` writes two more of the same name next to an ``.ifo``, ``dictd`` a
        ``.dict`` next to an ``.index``.
    :param form: one of :data:`FORMATS`.
    :raises DataError: the format is unknown or needs probabilities that the entries lack, or the files cannot
        be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_lexicon([Entry("house", "maison", 0.6, 1, True, 0.9)], f"{folder}/en-fr.dic", "hunalign")
    ...     Path(folder, "en-fr.dic").read_text()
    'maison @ house\\n'
    """
    files = files_of(path, form)
    contents = _contents(entries, files[0].stem, form)
    for file, content in reversed(list(zip(files, contents, strict=True))):  # the named one last
        with replacing(file) as draft:
            draft.write_bytes(content)


def lexicon_text(entries: Sequence[Entry], form: str = "tsv") -> str:
    r"""Return the text of a lexicon in a format of one file.

    :raises DataError: as :func:`write_lexicon`, or the format has several files.

    >>> lexicon_text([Entry("house", "maison", 0.6, 1, True, 0.9)]).splitlines()[1]
    'house\tmaison\t0.6000\t1\tyes\t0.9000'
    """
    if len(_known(form).suffixes) > 1:
        raise DataError(f"{form}: a format of several files, not one text", "Name a file as `output`.")
    return _contents(entries, "lexicon", form)[0].decode()


def files_of(path: str | os.PathLike[str], form: str) -> list[Path]:
    """Return the files that :func:`write_lexicon` writes, the one that was named first.

    :raises DataError: the format is unknown, or has several files and the name has another end.
    """
    file, suffixes = Path(path), _known(form).suffixes
    if len(suffixes) > 1 and file.suffix != suffixes[0]:
        raise DataError(f"{file}: a name for {form} ends in {suffixes[0]}", "Choose another name.")
    return [file, *(file.with_suffix(suffix) for suffix in suffixes[1:])]


def _known(form: str) -> LexiconFormat:
    if form not in FORMATS:
        raise DataError(f"lexicon format {form!r}: expected one of {', '.join(FORMATS)}")
    return FORMATS[form]


def _contents(entries: Sequence[Entry], title: str, form: str) -> Sequence[bytes]:
    known = _known(form)
    kept = [entry for entry in entries if not known.impossible.search(f"{entry.source}\ufffc{entry.target}")]
    if len(kept) < len(entries):
        logger.warning(
            "%d entries left out: a word has characters that %s cannot hold", len(entries) - len(kept), form
        )
    return known.contents(kept, title)


def _rows(entries: Sequence[Entry]) -> list[tuple[str, ...]]:
    """Return the cells of a table, its header first."""
    return [
        _COLUMNS,
        *(
            (
                entry.source,
                entry.target,
                f"{entry.score:.4f}",
                str(entry.rank),
                "yes" if entry.mutual else "no",
                "" if entry.probability is None else f"{entry.probability:.4f}",
            )
            for entry in entries
        ),
    ]


def _grouped(entries: Sequence[Entry]) -> list[tuple[str, list[Entry]]]:
    """Return each source word with its entries, which follow each other."""
    return [(word, list(group)) for word, group in groupby(entries, lambda entry: entry.source)]


def _tsv(entries: Sequence[Entry], title: str) -> Sequence[bytes]:
    return ["".join("\t".join(row) + "\n" for row in _rows(entries)).encode()]


def _csv(entries: Sequence[Entry], title: str) -> Sequence[bytes]:
    text = io.StringIO()
    csv.writer(text).writerows(_rows(entries))
    return [text.getvalue().encode()]


def _json(entries: Sequence[Entry], title: str) -> Sequence[bytes]:
    def described(entry: Entry) -> dict[str, object]:
        return {
            "word": entry.target,
            "probability": None if entry.probability is None else round(entry.probability, 4),
            "score": round(entry.score, 4),
            "mutual": entry.mutual,
        }

    encode = json.JSONEncoder(ensure_ascii=False).encode
    lines = [
        f"{encode(word)}: {encode([described(one) for one in group])}" for word, group in _grouped(entries)
    ]
    return [("{\n" + ",\n".join(lines) + "\n}\n").encode()]


def _moses(entries: Sequence[Entry], title: str) -> Sequence[bytes]:
    if any(entry.probability is None for entry in entries):
        raise DataError(
            "the entries carry no probabilities, which moses needs", "Align again without rerank=False."
        )
    return ["".join(f"{e.target} {e.source} {e.probability:.7f}\n" for e in entries).encode()]


def _hunalign(entries: Sequence[Entry], title: str) -> Sequence[bytes]:
    return ["".join(f"{entry.target} @ {entry.source}\n" for entry in entries).encode()]


def _anki(entries: Sequence[Entry], title: str) -> Sequence[bytes]:
    head = "#separator:tab\n#html:false\n#columns:source\ttarget\n"
    quoted = '"{}"'.format
    cards = [
        "\t".join(quoted(side.replace('"', '""')) for side in (word, _listed(group)))
        for word, group in _grouped(entries)
    ]
    return [(head + "".join(f"{card}\n" for card in cards)).encode()]


def _stardict(entries: Sequence[Entry], title: str) -> Sequence[bytes]:
    """Return ``.ifo``, ``.idx`` and ``.dict``; words are in the order in which StarDict searches them."""
    index, texts, position = [], [], 0
    groups = [(word.encode(), _listed(group).encode()) for word, group in _grouped(entries)]
    for word, text in sorted((one for one in groups if len(one[0]) <= _LONGEST), key=_stardict_order):
        index.append(word + b"\0" + struct.pack(">II", position, len(text)))
        texts.append(text)
        position += len(text)
    packed = b"".join(index)
    info = (
        "StarDict's dict ifo file\nversion=2.4.2\n"
        f"wordcount={len(index)}\nidxfilesize={len(packed)}\nbookname={title}\nsametypesequence=m\n"
    )
    return [info.encode(), packed, b"".join(texts)]


def _stardict_order(entry: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    return entry[0].lower(), entry[0]  # of bytes: ASCII letters alone change


def _dictd(entries: Sequence[Entry], title: str) -> Sequence[bytes]:
    """Return ``.index`` and ``.dict``; dictd searches words in lower case, in the order of their bytes."""
    texts = [(flag, f"{flag}\n") for flag in _DICTD_FLAGS]
    texts.append(("00-database-short", f"00-database-short\n{title}\n"))
    texts += [(word, f"{word}\n  {_listed(group)}\n") for word, group in _grouped(entries)]
    lines, position = [], 0
    for word, text in texts:
        size = len(text.encode())
        spelled = [word] if word != word.lower() else []  # a fourth column
        lines.append([word.lower(), _dictd_number(position), _dictd_number(size), *spelled])
        position += size
    index = "".join("\t".join(line) + "\n" for line in sorted(lines, key=lambda line: line[0].encode()))
    return [index.encode(), "".join(text for _, text in texts).encode()]


def _dictd_number(number: int) -> str:
    """Write a number to the base 64, its first digit first."""
    more = _dictd_number(number // 64) if number >= 64 else ""
    return more + _DIGITS[number % 64]


def _listed(group: Sequence[Entry]) -> str:
    return ", ".join(entry.target for entry in group)


FORMATS = {
    "tsv": LexiconFormat((".tsv",), _tsv, _BREAK),
    "csv": LexiconFormat((".csv",), _csv, _NONE),
    "json": LexiconFormat((".json",), _json, _NONE),
    "moses": LexiconFormat((".f2e",), _moses, _SPACE),
    "hunalign": LexiconFormat((".dic",), _hunalign, _BREAK_OR_AT),
    "anki": LexiconFormat((".txt",), _anki, _BREAK),
    "stardict": LexiconFormat((".ifo", ".idx", ".dict"), _stardict, _BREAK_OR_NUL),
    "dictd": LexiconFormat((".index", ".dict"), _dictd, _TAB_BREAK_OR_NUL),
}
