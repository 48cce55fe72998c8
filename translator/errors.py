"""Exceptions whose messages say what was found, what was expected, and what to do next."""

from __future__ import annotations


class TranslatorError(Exception):
    """A problem with the user's data or request.

    :param message: what was found and what was expected, naming file and line where there are any.
    :param hint: what to do next; shown on a separate line.

    >>> print(TranslatorError("en.vec:3: 299 numbers, expected 300", "Download the file again."))
    en.vec:3: 299 numbers, expected 300
    Download the file again.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class DataError(TranslatorError):
    """A file or a value cannot be used."""


class FormatError(DataError):
    """A file does not follow its format; the message names the file, and the line or byte."""


class MissingDependencyError(TranslatorError, ImportError):
    """An optional package is not installed; the hint is the exact command that installs it."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package!r}, which is not installed.",
            f"Install it with: pip install 'bli-translator[{extra}]'",
        )


def kind_of(value: object) -> str:
    """Name the type of a value for a message, with its article.

    >>> kind_of(5), kind_of("text")
    ('an int', 'a str')
    """
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
