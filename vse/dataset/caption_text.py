"""The text of a file of captions, in UTF-8 or in the encoding that the user names."""

from __future__ import annotations

from pathlib import Path

from translator.errors import DataError, FormatError
from translator.files import existing
from translator.text_files import decoded


def text_of(path: Path, encoding: str | None = None) -> str:
    """Return the text of a file.

    :param encoding: such as ``latin-1``; None for UTF-8, or what a byte-order mark says.
    :raises FormatError: the file is in another encoding.
    :raises DataError: there is no such file or encoding.
    """
    content = existing(path).read_bytes()
    if encoding is None:
        try:
            return decoded(content, path)
        except FormatError as error:
            found = (
                "utf-16-le" if "utf-16le" in error.hint else "utf-16-be" if "utf-16be" in error.hint else ""
            )
            proposal = found or "latin-1"
            hint = f'Pass encoding="{proposal}"' + ("." if found else " if that is its encoding.")
            raise FormatError(error.message, hint) from None
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except LookupError:
        raise DataError(
            f"no encoding is named {encoding!r}", 'Pass one such as encoding="latin-1".'
        ) from None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FormatError(f"{path}:{line}: not {encoding}", "Pass another `encoding`.") from None
