"""Files of word vectors: one module for each format; a file's format is recognised by its first bytes."""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote

from translator.errors import DataError, FormatError
from translator.files import existing, read_safetensors, state_of
from translator.formats.arrays import read_npz, vectors_of, write_npz, write_safetensors
from translator.formats.cache import read_text_cached
from translator.formats.checks import check_finite
from translator.formats.compact import is_compact, restore, save_compact
from translator.formats.fasttext import MAGIC, read_fasttext, write_fasttext
from translator.formats.foreign import refusal
from translator.formats.keyedvectors import read_keyedvectors, write_keyedvectors
from translator.formats.model2vec import is_static, model_file, vectors_of_tokens
from translator.formats.npy import read_npy
from translator.formats.text import announced_words, read_text, write_text
from translator.formats.word2vec import BEGINS as WORD2VEC_BEGINS
from translator.formats.word2vec import read_word2vec
from translator.vectors import WordVectors
from translator.vectors.subword import SubwordVectors

__all__ = [
    "FORMATS",
    "VectorFormat",
    "count_words",
    "load_vectors",
    "save_compact",
    "save_vectors",
    "subword_model",
]

Vectors = WordVectors | SubwordVectors

_HEAD = 512  # bytes by which a file is recognised
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class VectorFormat:
    """A file format of word vectors.

    :param suffixes: endings of file names, which choose the format for writing.
    :param begins: a pattern that the first bytes of such a file match.
    :param read: ``(path, limit) -> vectors``.
    :param write: ``(vectors, path)``; None for a format that is only read.
    :param write_half: as ``write`` in float16, for formats that have it.
    """

    name: str
    suffixes: tuple[str, ...]
    begins: re.Pattern[bytes]
    read: Callable[[Path, int | None], Vectors]
    write: Callable[[Vectors, Path], None] | None = None
    write_half: Callable[[Vectors, Path], None] | None = None
    gzipped: bool = False  # whether it is read when it is compressed by gzip

    def __str__(self) -> str:
        return f"{self.name} ({', '.join(self.suffixes)})"


def _write_fasttext(vectors: Vectors, path: Path) -> None:
    if not isinstance(vectors, SubwordVectors):
        raise DataError(
            f"cannot write {path}: a .bin holds rows for n-grams, and these vectors have none",
            "Choose another format, such as .vec.",
        )
    write_fasttext(vectors, path)


def _read_safetensors(path: Path, limit: int | None) -> Vectors:
    tensors, metadata = read_safetensors(path, mapped=True)
    if is_compact(tensors):
        return restore(path, tensors, metadata)
    read = vectors_of_tokens if is_static(tensors) else vectors_of
    return read(path, tensors, limit)


FASTTEXT = VectorFormat(
    "fastText",
    (".bin",),
    re.compile(re.escape(MAGIC)),
    lambda path, limit: read_fasttext(path),
    _write_fasttext,
)
NPZ = VectorFormat(
    "numpy",
    (".npz",),
    re.compile(rb"PK\x03\x04"),
    read_npz,
    lambda vectors, path: write_npz(vectors.table(), path),
    lambda vectors, path: write_npz(vectors.table(), path, half=True),
)
SAFETENSORS = VectorFormat(
    "safetensors",
    (".safetensors",),
    re.compile(rb".{4}\x00{4}\{", re.DOTALL),  # the length of the header, a JSON object
    _read_safetensors,
    lambda vectors, path: write_safetensors(vectors.table(), path),
    lambda vectors, path: write_safetensors(vectors.table(), path, half=True),
)
KEYEDVECTORS = VectorFormat(
    "gensim KeyedVectors",
    (".kv",),
    re.compile(rb"\x80[\x02-\x05]"),  # a pickle
    read_keyedvectors,
    lambda vectors, path: write_keyedvectors(vectors.table(), path),
)
NPY = VectorFormat("numpy matrix with a list of words", (".npy",), re.compile(rb"\x93NUMPY"), read_npy)
WORD2VEC = VectorFormat("word2vec", (".bin", ".bin.gz"), WORD2VEC_BEGINS, read_word2vec, gzipped=True)
TEXT = VectorFormat(
    "text",
    (".vec", ".vec.gz", ".txt", ".txt.gz"),
    re.compile(rb"[^\x00]*\Z"),
    read_text,
    lambda vectors, path: write_text(vectors.table(), path),
    gzipped=True,
)
# The first whose pattern matches is the format
FORMATS = (FASTTEXT, NPZ, SAFETENSORS, KEYEDVECTORS, NPY, WORD2VEC, TEXT)


def load_vectors(
    path: str | os.PathLike[str], *, limit: int | None = None, cache: bool = True, named: bool = True
) -> Vectors:
    """Read vectors from a file of any known format, recognised by its first bytes.

    A folder is read if it is a static model of model2vec. Words are composed (Unicode NFC).

    :param limit: read the first ``limit`` words only. A fastText model is always read whole; pass the limit
        to its :meth:`~translator.vectors.subword.SubwordVectors.table`.
    :param cache: store the parsed form of large text files, see :mod:`translator.formats.cache`.
    :param named: whether the user named this file. A file that only an alignment folder names is refused if
        opening it can run code, as with ``.kv``.
    :raises DataError: there is no such file, its content is damaged or of no known format, or the limit is
        below 1.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "en.vec"
    ...     _ = file.write_text("2 3\\nhouse 1 0 0\\ntree 0 1 0.5\\n")
    ...     load_vectors(file).embed(["tree"]).tolist()
    [[0.0, 1.0, 0.5]]
    """
    file = _file(path)
    if limit is not None and limit < 1:
        raise DataError(f"cannot read the first {limit} words of {file}", "Give a limit of 1 or more.")
    if not file.is_file():
        raise DataError(
            f"{file}: not a regular file, and vectors are read more than once", "Write them to a file first."
        )
    form = _recognised(file)
    if form is KEYEDVECTORS and not named:
        raise DataError(
            f"{file}: a Python pickle, which can run any code when it is opened",
            "If you trust whoever made it, name the file yourself, as `source_vectors`, `target_vectors` or "
            "`embeddings`.",
        )
    read = read_text_cached if form is TEXT and cache else form.read
    state = state_of(file)  # before it is read: it may change meanwhile
    return replace(read(file, limit), path=file, state=state)


def count_words(path: str | os.PathLike[str]) -> int | None:
    """Return the number of words in a file of vectors, or None for text without a header.

    :raises DataError: as :func:`load_vectors`.
    """
    file = _file(path)
    if _recognised(file) is TEXT:
        return announced_words(file)
    vectors = load_vectors(file)
    return len(vectors.vocabulary if isinstance(vectors, SubwordVectors) else vectors.words)


def subword_model(path: str | os.PathLike[str]) -> Path | None:
    """Return the fastText model next to a text file of its words' vectors; None if there is none.

    The model has vectors for words that are not in the text.

    >>> subword_model("cc.en.300.vec") is None  # unless there is a cc.en.300.bin
    True
    """
    file = Path(path)
    model = file.with_name(re.sub(r"\.vec(\.gz)?$", ".bin", file.name))
    return model if model != file and model.is_file() and _head(model)[0].startswith(MAGIC) else None


def save_vectors(vectors: Vectors, path: str | os.PathLike[str], *, half: bool = False) -> None:
    """Write vectors in the format given by the ending of the file name; only ``.bin`` keeps subwords.

    :func:`save_compact` keeps subwords too, with rounded numbers, in a quarter of the bytes.

    :param half: write float16 (``.npz`` and ``.safetensors`` only).
    :raises DataError: the ending is unknown, the format cannot hold these vectors, or a number is not finite.

    >>> import tempfile
    >>> import numpy as np
    >>> vectors = WordVectors(["house", "tree"], np.float32([[1, 0], [0.5, 1]]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_vectors(vectors, Path(folder) / "en.vec")
    ...     print((Path(folder) / "en.vec").read_text(), end="")
    2 2
    house 1 0
    tree 0.5 1
    """
    target = Path(path)
    written = [form for form in FORMATS if form.write is not None]
    form = next((form for form in written if target.name.endswith(form.suffixes)), None)
    if form is None:
        raise DataError(f"{target}: unknown file name ending", f"Known: {_names(written)}.")
    write = form.write_half if half else form.write
    if write is None:
        raise DataError(f"{target}: {form.name} files have no float16 form", "Write .npz or .safetensors.")
    if isinstance(vectors, WordVectors):
        check_finite(target, vectors)
    write(vectors, target)


def _file(path: str | os.PathLike[str]) -> Path:
    """Return the file to read: the one named, or that of the static model in a folder."""
    folder = Path(path) if isinstance(path, str | os.PathLike) else None
    if folder is None or not folder.is_dir():
        return existing(path)
    if (file := model_file(folder)) is not None:
        return file
    suffixes = tuple(suffix for form in FORMATS for suffix in form.suffixes)
    near = [str(one) for one in sorted(folder.iterdir()) if one.name.endswith(suffixes)]
    near.sort(key=lambda name: name.endswith(".txt"))  # these are vectors more seldom than the others
    raise DataError(
        f"{folder}: is a folder, expected a file, or a model of model2vec",
        f"Name a file in it, such as {near[0]}." if near else "Name a file of word vectors.",
    )


def _recognised(file: Path) -> VectorFormat:
    head, gzipped = _head(file)
    if (error := refusal(file, head)) is not None:
        raise error
    form = next((form for form in FORMATS if form.begins.match(head)), None)
    if form is None:
        raise FormatError(f"{file}: not a known format of vectors", f"Known: {_names(FORMATS)}.")
    if gzipped and not form.gzipped:
        raise FormatError(
            f"{file}: {form.name} compressed by gzip, which is read for text and word2vec alone",
            f"Decompress it: gunzip {quote(str(file))}",
        )
    if form is KEYEDVECTORS and not file.name.endswith(form.suffixes):
        raise FormatError(
            f"{file}: a Python pickle, which can run any code when it is opened",
            "If it is a gensim KeyedVectors file from someone you trust, give it a name that ends in .kv.",
        )
    return form


def _head(file: Path) -> tuple[bytes, bool]:
    """Return the first bytes, decompressed if the file is gzip, and whether it is."""
    with file.open("rb") as stream:
        head = stream.read(_HEAD)
    if not head.startswith(_GZIP):
        return head, False
    try:
        with gzip.open(file) as stream:
            return stream.read(_HEAD), True
    except (OSError, EOFError, zlib.error):
        return b"", True  # the text reader will report the damage


def _names(forms: Sequence[VectorFormat]) -> str:
    return "; ".join(map(str, forms))
