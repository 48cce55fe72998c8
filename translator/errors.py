"""Errors for people: each says what was found, and what to do next."""

from __future__ import annotations


class TranslatorError(Exception):
    """A problem with the user's data or request.

    :param message: what was found and what was expected, naming file and line where there are any.
    :param hint: what to do next; shown on a line of its own.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class DataError(TranslatorError):
    """A file or value holds something that cannot be used."""


class FormatError(DataError):
    """A file is not what its format promises; the message names file and line or byte."""


class MissingDependencyError(TranslatorError, ImportError):
    """An optional package is needed; the hint is the exact command that installs it."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package!r}, which is not installed.",
            f"Install it with: pip install 'bli-translator[{extra}]'",
        )
