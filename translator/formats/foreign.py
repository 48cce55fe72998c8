"""Name the files that hold no vectors, or hold them in a form that is not read, and the next step."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from shlex import quote

from translator.errors import FormatError
from translator.text_files import MARKS, conversion

_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # the pickled number that begins torch's older files
TORCH_ZIP = "/data.pkl"  # ends the name of the first member of torch's newer files, which are zip archives
SAVE = "Save the matrix and its words: numpy.savez('vectors.npz', vectors=matrix, words=words)."
_KINDS: tuple[tuple[re.Pattern[bytes], str, str], ...] = (  # first bytes, what they mean, the next step
    (re.compile(re.escape(_TORCH)), "a PyTorch file, which can run any code when it is opened", SAVE),
    (re.compile(rb"BZh"), "compressed by bzip2", "Decompress it: bunzip2 -k {file}"),
    (re.compile(rb"\xfd7zXZ\x00"), "compressed by xz", "Decompress it: unxz -k {file}"),
    (re.compile(rb"\x28\xb5\x2f\xfd"), "compressed by zstd", "Decompress it: unzstd {file}"),
    (re.compile(rb"7z\xbc\xaf"), "a 7-Zip archive", "Unpack it: 7z x {file}"),
    (re.compile(rb"\x89HDF"), "an HDF5 file", SAVE),
    (re.compile(rb"PAR1"), "a Parquet file", SAVE),
    (re.compile(rb"\s*<(!doctype html|html|\?xml)", re.IGNORECASE), "a web page", "Download the file again."),
    (re.compile(rb"version https://git-lfs"), "a Git LFS pointer", "Get the file itself: git lfs pull"),
)
_ARGUMENTS = struct.Struct("<12id")  # the training arguments that begin fastText's oldest files


def refusal(file: Path, head: bytes) -> FormatError | None:
    """Return the error for a file of a known other kind, or None.

    :param head: the first bytes of the file.

    >>> print(refusal(Path("en.vec"), b"<!DOCTYPE html>"))
    en.vec: a web page, expected word vectors
    Download the file again.
    """
    for begins, kind, hint in _KINDS:
        if begins.match(head):
            return FormatError(f"{file}: {kind}, expected word vectors", hint.format(file=quote(str(file))))
    encoding = next((name for mark, name in MARKS[1:] if head.startswith(mark)), None)
    if encoding and b"\n" in head:
        return FormatError(f"{file}: text in {encoding.upper()}, expected UTF-8", conversion(file, encoding))
    if _is_old_fasttext(head):
        text = file.with_suffix(".vec")
        return FormatError(
            f"{file}: a fastText model from before its format had a version, which no later one reads",
            f"Use {text}{'' if text.is_file() else ', which fastText wrote together with it'}.",
        )
    return None


def _is_old_fasttext(head: bytes) -> bool:
    if len(head) < _ARGUMENTS.size:
        return False
    dimension, ws, epoch, minimum, _, _, loss, model, bucket, minn, maxn, _, t = _ARGUMENTS.unpack_from(head)
    plausible = 1 <= dimension <= 10_000 and 1 <= ws <= 1000 and 1 <= epoch <= 100_000 and minimum >= 0
    kinds = loss in (1, 2, 3) and model in (1, 2, 3)
    return plausible and kinds and bucket >= 0 and 0 <= minn <= maxn <= 100 and 0 <= t <= 1
