"""Images named on the command line: encoded ones, their features, or those of a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vse import VSE, ImageIndex, Split


def images_of(
    model: VSE,
    run: Path,
    place: Path | None,
    split: str | None = None,
    *,
    ann: bool = False,
    captions: bool = True,
) -> tuple[ImageIndex, Split | None]:
    """Return images in the joint space, encoded unless they are, and the split of a data folder.

    :param place: None for the data that the model was trained on, as its folder records.
    :param split: None for all images.
    :param captions: encode the captions of a data folder as well, in all languages that the model reads.
    :param ann: with their graph of approximate neighbours, which only encoded images have.
    :raises DataError: there are no such images, they do not fit the model, or the graph is missing.
    """
    from translator import DataError
    from translator.files import existing, fingerprint
    from vse import ImageIndex
    from vse.dataset.reading import read_features, read_ids
    from vse.features import ids_path
    from vse.model.artefact import TENSORS
    from vse.search import graph_path

    weights = fingerprint(existing(run / TENSORS))
    if ann and (
        place is None
        or place.is_dir()
        or not ImageIndex.is_index(existing(place))
        or not graph_path(place).is_file()
    ):
        raise DataError(
            f"{place or run}: no encoded images with a graph, which --ann needs",
            f"Encode them: vse encode {run} --images {place or 'DATA'} --ann -o images.npy",
        )
    if place is None or place.is_dir():
        captioned = captioned_images(model, run, place, split)
        index = model.index(captioned, None if captions else [])
        return replace(index, model=weights), captioned
    if ImageIndex.is_index(existing(place)):
        return ImageIndex.load(place, weights, ann=ann), None
    features, names = read_features(place), ids_path(place)
    ids = read_ids(names, len(features)) if names.is_file() else []
    return ImageIndex(model.encode_image(features), ids, weights), None


def captioned_images(
    model: VSE,
    run: Path,
    place: Path | None,
    split: str | None = None,
    languages: Sequence[str] | None = None,
) -> Split:
    """Read a split, or all images, of a folder or of the data that the model was trained on.

    :param place: None for the data of training, as the run records.
    :param split: None for all images; of a folder of images, the one that training assigned.
    :param languages: of the captions; None for all.
    """
    from translator import DataError
    from vse import everything, load_split
    from vse.dataset.archive import is_archive
    from vse.dataset.layouts import languages_of
    from vse.dataset.partition import SPLIT_FILE, part, read_assignment
    from vse.features.image_files import find_images

    recorded = model.data
    data: dict[str, Any] = recorded
    if place is not None and str(place.resolve()) != recorded.get("place"):  # whose captions may be elsewhere
        data = {"place": place, "encoder": recorded.get("encoder")}
    if not data:
        raise DataError(f"{run}: does not record where its images are", "Name them with --images PATH.")
    folder = Path(data["place"])
    if split is None:
        return everything(**data, languages=languages)
    if is_archive(folder):
        assigned = read_assignment(run / SPLIT_FILE, find_images(folder), folder)
        return part(everything(**data, languages=languages), assigned, split)
    return load_split(folder, split, languages_of(folder, split) if languages is None else languages)


def image_files(model: VSE, place: Path | None) -> dict[str, Path]:
    """Return the image files of a folder, or of the data of training, by id; nothing where there are none."""
    from translator import DataError
    from vse.features.image_files import find_images

    folder = place if place is not None and place.is_dir() else Path(model.data.get("place", ""))
    try:
        return find_images(folder)
    except DataError:  # features without images
        return {}
