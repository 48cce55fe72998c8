"""Languages that are added to a model's folder without training."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from translator.errors import DataError
from translator.vectors import Embedder
from translator.versions import versions
from translator.writing import replacing
from vse.model import VSE
from vse.model.artefact import MODEL
from vse.transfer import Through, TranslatorLike, content_of, place_of

ADDED = "added"  # in the record of a model: languages without training, by code


def store_language(
    folder: str | os.PathLike[str],
    language: str,
    embeddings: Embedder | str | os.PathLike[str],
    translator: TranslatorLike | None = None,
    through: Through | None = None,
    *,
    bundle: bool = False,
) -> VSE:
    """Add a language to the model in a folder, which is replaced as a whole or not at all; return the model.

    The record of the model gets the origin of the Translator; that of the word vectors is there for every
    language. Other files in the folder stay. A language that was added before is replaced.

    :param language: its code.
    :param embeddings: its word vectors: a file, or vectors in memory.
    :param translator: its Translator, see :meth:`vse.VSE.add_language`.
    :param through: how its words are read, ``lexicon`` or ``map``; None for the lexicon where there is one.
    :param bundle: put compact copies of all word vectors into the folder.
    :raises DataError: the model was trained on the language, the Translator is missing or does not fit, or a
        file cannot be read or written.
    """
    place = Path(folder).resolve()
    model = VSE.from_pretrained(place)
    added = dict(model.record.get(ADDED, {}))
    if language in model.languages and language not in added:
        raise DataError(
            f"{place}: the model was trained on {language!r}",
            "Train a model from this one to change how it reads the language.",
        )
    model.add_language(language, embeddings, translator, through)
    added[language] = _origin(model, language, translator)
    model.record = {**model.record, ADDED: added}
    with replacing(place) as draft:
        shutil.copytree(place, draft, ignore=shutil.ignore_patterns(*MODEL.files))
        model.write(draft, bundle=bundle, instead_of=place)
    return VSE.from_pretrained(place)


def _origin(model: VSE, language: str, translator: TranslatorLike | None) -> dict[str, Any]:
    """Return where a Translator came from; nothing but its kind for one in memory."""
    record = {"through": model.languages[language].through, "versions": versions("bli-translator")}
    if not isinstance(translator, str | os.PathLike):
        return {"translator": type(translator).__name__, **record}
    return {"translator": place_of(translator), "sha256": content_of(translator), **record}
