"""Versions of the packages that made an artefact, for its record."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version


def versions(*packages: str) -> dict[str, str]:
    """Return the versions of Python and of ``packages`` by name.

    >>> sorted(versions("numpy"))
    ['numpy', 'python']
    """
    by_name = {"python": platform.python_version()}
    for package in packages:
        try:
            by_name[package] = version(package)
        except PackageNotFoundError:  # run from a checkout that is not installed
            by_name[package] = "not installed"
    return by_name
