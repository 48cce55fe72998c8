"""The data of ``vse train``: splits of a data folder, or a folder of images that is divided into splits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from ..console import Console
from ..options import FILE
from .options import by_language, exclude_option

if TYPE_CHECKING:
    from vse import Split
    from vse.dataset.archive import Archive

R = TypeVar("R")


class TrainingData(NamedTuple):
    """What is trained on.

    :param train: images and captions to learn from.
    :param dev: those that choose the epoch.
    :param arguments: of :func:`vse.everything`, to be recorded.
    :param assigned: split of each image by id, where the command chose it.
    """

    train: Split
    dev: Split
    arguments: Mapping[str, Any]
    assigned: Mapping[str, str] | None = None


def archive_options(function: Callable[..., R]) -> Callable[..., R]:
    """Add the options of a folder of images."""
    for add in (
        click.option(
            "--split",
            type=FILE,
            metavar="FILE",
            help="Lines of image and split: train, dev or test. [default: 10 % dev, 10 % test, by the seed]",
        ),
        click.option(
            "--encoding", metavar="NAME", help="Of files of captions, such as latin-1. [default: UTF-8]"
        ),
        exclude_option,
        click.option("--encoder", metavar="NAME", help="As of vse features. [default: efficientnet-lite2]"),
        click.option(
            "--captions",
            multiple=True,
            metavar="[LANG=]PATH",
            help="Captions of a folder of images: CSV, TSV, JSON, JSON lines or Parquet. [default: those in "
            "DATA, in text files next to the images, or in the images' metadata]",
        ),
    ):
        function = add(function)
    return function


def training_data(
    console: Console,
    data: Path,
    languages: Sequence[str],
    auxiliary: Sequence[str],
    names: tuple[str, str],
    random_state: int,
    split: Path | None,
    captions: Sequence[str],
    **reading: Any,
) -> TrainingData:
    """Read the splits to train on.

    :param names: of the splits for training and development.
    :param split: the user's file of splits, for a folder of images.
    :param captions: values of ``--captions``.
    :param reading: more arguments of :func:`vse.dataset.archive.read_archive`.
    """
    from vse import load_split
    from vse.dataset.archive import is_archive, read_archive, warn_of_features
    from vse.dataset.layouts import languages_of
    from vse.dataset.partition import part

    trained = [*languages, *auxiliary]
    train_split, dev_split = names
    if not is_archive(data):
        if captions or split:
            raise click.UsageError("--captions and --split are for a folder of images, which DATA is not")
        train = load_split(data, train_split, trained)
        warn_of_features(train)
        paced = [code for code in auxiliary if code in languages_of(data, dev_split)]
        dev = load_split(data, dev_split, [*languages, *paced])
        return TrainingData(train, dev, {"place": str(data.resolve())})
    archive = read_archive(data, _captions(captions, trained), trained, **reading)
    console.note(archive.summary)
    assigned = _assigned(console, archive, data, split, random_state)
    train, dev = part(archive.split, assigned, train_split), part(archive.split, assigned, dev_split)
    return TrainingData(train, dev, archive.arguments, assigned)


def _captions(values: Sequence[str], languages: Sequence[str]) -> Path | Mapping[str, Path] | None:
    if len(values) == 1 and "=" not in values[0] and len(languages) > 1:
        return Path(values[0])  # which must say the language of each caption
    return by_language(values, "--captions", languages[0] if len(languages) == 1 else None) or None


def _assigned(
    console: Console, archive: Archive, folder: Path, split: Path | None, random_state: int
) -> dict[str, str]:
    """Return the split of each image, and say where it comes from."""
    from vse.dataset.partition import partition, read_assignment

    if split is None:
        assigned, origin = (
            partition(archive.split, random_state),
            f"by seed {random_state}, near-duplicates together",
        )
    else:
        assigned, origin = read_assignment(split, archive.paths, folder), f"from {split}"
    counts = Counter(assigned.values())
    listed = ", ".join(f"{counts[name]:,} {name}" for name in sorted(counts, key=counts.__getitem__)[::-1])
    console.note(f"Split {origin}: {listed} images")
    return assigned
