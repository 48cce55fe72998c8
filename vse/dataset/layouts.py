"""Splits on disk: each layout is recognised by the features file of a split.

:mod:`~vse.dataset.folders` and :mod:`~vse.dataset.precomp` describe the layouts; :func:`write_split` brings
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
    """One way in which splits are kept in a folder.

    :param features: end of the name of a split's features file; the name of the split stands before it.
    :param captions: end of the name of a caption file.
    :param caption_files: folder, split and languages asked for (or None) to the file of each language.
    :param read: folder, split and caption files to the split.
    """

    name: str
    features: str
    captions: str
    caption_files: Callable[[Path, str, Sequence[str] | None], dict[str, Path]]
    read: Callable[[Path, str, Mapping[str, Path]], Split]

    def splits(self, folder: Path) -> list[str]:
        """Names of the splits of a folder, hidden files aside."""
        found = (path.relative_to(folder).as_posix() for path in folder.glob(f"*{self.features}"))
        return sorted(name.removesuffix(self.features) for name in found if not name.startswith("."))


FOLDERS = Layout("folders", "/features.npy", "/captions.<language>.tsv", folders.caption_files, folders.read)
PRECOMP = Layout("precomp", "_ims.npy", "_caps.<language>.txt", precomp.caption_files, precomp.read)
LAYOUTS = (FOLDERS, PRECOMP)  # in the order they are tried


def splits_of(folder: str | os.PathLike[str]) -> list[str]:
    """Names of the splits in a folder, of any layout.

    :raises DataError: there is no such folder.
    """
    root = _folder(folder)
    return sorted({name for layout in LAYOUTS for name in layout.splits(root)})


def languages_of(folder: str | os.PathLike[str], split: str) -> list[str]:
    """Codes of the languages in which a split has captions.

    :raises DataError: there is no such folder or split.
    """
    root, layout = _found(folder, split)
    return sorted(layout.caption_files(root, split, None))


def load_split(folder: str | os.PathLike[str], split: str, languages: Sequence[str] | None = None) -> Split:
    """Read a split; its features are a memory map.

    :param languages: codes of the captions to read; by default all there are. None at all: only pictures.
    :raises FormatError: a file is not what its layout promises, or does not fit the others.
    :raises DataError: there is no such folder or split, or a language has no captions.
    """
    root, layout = _found(folder, split)
    files = layout.caption_files(root, split, languages)
    expected = f"{root / split}{layout.captions}"
    if languages is None and not files:
        raise DataError(f"{root}: the split {split!r} has no captions", f"Expected {expected}.")
    asked = sorted(files) if languages is None else languages
    check_languages(asked, files, f"{root}: the split {split!r}")
    return layout.read(root, split, {language: files[language] for language in asked})


def _folder(folder: str | os.PathLike[str]) -> Path:
    root = Path(folder)
    if not root.is_dir():
        found = "is a file, expected a folder" if root.exists() else "no such folder"
        raise DataError(f"{root}: {found}", "Check the path; it is relative to the current folder.")
    return root


def _found(folder: str | os.PathLike[str], split: str) -> tuple[Path, Layout]:
    """The folder, and the first layout in which it has the split."""
    root = _folder(folder)
    for layout in LAYOUTS:
        if split in layout.splits(root):
            return root, layout
    expected = " or ".join(f"{split}{layout.features} (layout {layout.name!r})" for layout in LAYOUTS)
    raise DataError(
        f"{root}: has no split {split!r}: expected {expected}",
        f"Splits there are: {', '.join(splits_of(root)) or 'none'}.",
    )
