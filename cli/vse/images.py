"""Images named on the command line: encoded ones, their features, or those of a data folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vse import VSE, ImageIndex, Split


def images_of(
    model: VSE, run: Path, place: Path, split: str, *, ann: bool = False
) -> tuple[ImageIndex, Split | None]:
    """Return images in the joint space, encoded unless they are, and the split of a data folder.

    :param ann: with their graph of approximate neighbours, which only encoded images have.
    :raises DataError: there are no such images, they do not fit the model, or the graph is missing.
    """
    from translator import DataError
    from translator.files import existing, fingerprint
    from vse import ImageIndex, load_split
    from vse.dataset.layouts import languages_of
    from vse.dataset.reading import read_features, read_ids
    from vse.features import ids_path
    from vse.model.artefact import TENSORS
    from vse.search import graph_path

    weights = fingerprint(existing(run / TENSORS))
    if ann and (
        place.is_dir() or not ImageIndex.is_index(existing(place)) or not graph_path(place).is_file()
    ):
        raise DataError(
            f"{place}: no encoded images with a graph, which --ann needs",
            f"Encode them: vse encode {run} --images {place} --ann -o images.npy",
        )
    if place.is_dir():
        captioned = load_split(place, split, languages_of(place, split))
        return ImageIndex(model.encode_image(captioned.features), captioned.ids, weights), captioned
    if ImageIndex.is_index(existing(place)):
        return ImageIndex.load(place, weights, ann=ann), None
    features, names = read_features(place), ids_path(place)
    ids = read_ids(names, len(features)) if names.is_file() else []
    return ImageIndex(model.encode_image(features), ids, weights), None
