"""Splits on disk. The features file of a split tells its layout.

:mod:`~vse.dataset.folders` and :mod:`~vse.dataset.precomp` describe the layouts; :func:`write_split` converts
one into the other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from translator.errors import DataError
from vse.dataset import Split, check_languages, folders, precomp
from vse.dataset.folders import write_split

__all__ = ["LAYOUTS", "Layout", "languages_of", "load_split", "splits_of", "write_split"]


@dataclass(frozen=True)
class Layout:
    """One way to keep splits in a folder.

    :param name: name of the layout, for messages.
    :param features: end of the name of a split's features file, after the name of the split.
    :param captions: end of the name of a caption file.
    :param caption_files: finds the file of each language, given folder, split and languages (None for all).
    :param read: reads the split, given folder, split and caption files.
    """

    name: str
    features: str
    captions: str
    caption_files: Callable[[Path, str, Sequence[str] | None], dict[str, Path]]
    read: Callable[[Path, str, Mapping[str, Path]], Split]

    def splits(self, folder: Path) -> list[str]:
        """Return the names of the splits in a folder; hidden files are ignored."""
        names = (path.relative_to(folder).as_posix() for path in folder.glob(f"*{self.features}"))
        return sorted(name.removesuffix(self.features) for name in names if not name.startswith("."))


FOLDERS = Layout("folders", "/features.npy", "/captions.<language>.tsv", folders.caption_files, folders.read)
PRECOMP = Layout("precomp", "_ims.npy", "_caps.<language>.txt", precomp.caption_files, precomp.read)
LAYOUTS = (FOLDERS, PRECOMP)  # in the order they are tried


def splits_of(folder: str | os.PathLike[str]) -> list[str]:
    """Return the names of the splits in a folder, of any layout.

    :raises DataError: there is no such folder.
    """
    root = _folder(folder)
    return sorted({name for layout in LAYOUTS for name in layout.splits(root)})


def languages_of(folder: str | os.PathLike[str], split: str) -> list[str]:
    """Return the codes of the languages in which a split has captions.

    :raises DataError: there is no such folder or split.
    """
    root, layout = _layout_of(folder, split)
    return sorted(layout.caption_files(root, split, None))


def load_split(folder: str | os.PathLike[str], split: str, languages: Sequence[str] | None = None) -> Split:
    """Read a split; its features are a memory map.

    :param languages: codes of the captions to read; None for all, an empty list for none.
    :raises FormatError: a file is not what its layout promises, or does not fit the others.
    :raises DataError: there is no such folder or split, or a language has no captions.
    """
    root, layout = _layout_of(folder, split)
    files = layout.caption_files(root, split, languages)
    expected = f"{root / split}{layout.captions}"
    if languages is None and not files:
        raise DataError(f"{root}: the split {split!r} has no captions", f"Expected {expected}.")
    codes = sorted(files) if languages is None else languages
    check_languages(codes, files, f"{root}: the split {split!r}")
    return layout.read(root, split, {language: files[language] for language in codes})


def _folder(folder: str | os.PathLike[str]) -> Path:
    root = Path(folder)
    if not root.is_dir():
        problem = "is a file, expected a folder" if root.exists() else "no such folder"
        raise DataError(f"{root}: {problem}", "Check the path; it is relative to the current folder.")
    return root


def _layout_of(folder: str | os.PathLike[str], split: str) -> tuple[Path, Layout]:
    """Return the folder, and the first layout in which it has the split."""
    root = _folder(folder)
    for layout in LAYOUTS:
        if split in layout.splits(root):
            return root, layout
    expected = " or ".join(f"{split}{layout.features} (layout {layout.name!r})" for layout in LAYOUTS)
    raise DataError(
        f"{root}: has no split {split!r}: expected {expected}",
        f"Splits there are: {', '.join(splits_of(root)) or 'none'}.",
    )
