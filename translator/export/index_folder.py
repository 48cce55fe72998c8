"""An alignment as a folder for vector databases, in which the largest inner products rank by CSLS.

=================  ==================================================================================
``vectors.npy``    a row ``[2y, -r(y)]`` for each target word, float32 [m, e + 1]
``words.txt``      the target words in the order of the rows, UTF-8, each ended by a line feed
``queries.npy``    a row ``[x, 1]`` for each source word, float32 [n, e + 1]
``queries.txt``    the source words, likewise
``index.usearch``  with ``ann``: a graph of approximate neighbours over the rows of ``vectors.npy``
``config.json``    languages, sizes, the alignment it was made from, and how to make a query
=================  ==================================================================================

Only numpy is needed to read the folder. Split the words at line feeds alone: they may hold any other
character.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from translator.alignment import Alignment, Side
from translator.alignment.artefact import CONFIG
from translator.files import json_of
from translator.formats.checks import check_storable
from translator.retrieval import ann as graphs
from translator.retrieval.inner_product import csls_queries, csls_targets
from translator.vectors import Floats
from translator.versions import versions
from translator.writing import Kind, replacing

FORMAT, KIND = 1, "csls-index"
VECTORS, WORDS = "vectors.npy", "words.txt"
QUERIES, QUERY_WORDS = "queries.npy", "queries.txt"
GRAPH = f"index{graphs.SUFFIX}"
INDEX = Kind(
    "an index",
    lambda folder: json_of(folder / CONFIG).get("kind") == KIND,
    (VECTORS, WORDS, QUERIES, QUERY_WORDS, GRAPH, CONFIG),
)


def export_index(
    alignment: Alignment,
    folder: str | os.PathLike[str],
    side: Literal["source", "target"] = "target",
    *,
    ann: bool = False,
    fingerprint: str = "",
) -> None:
    """Write the folder of an index; it appears whole or not at all.

    :param side: the language whose words are found; those of the other are the queries.
    :param ann: add a graph of approximate neighbours.
    :param fingerprint: SHA-256 of the alignment's ``model.safetensors``, to be recorded.
    :raises DataError: a word cannot be stored on a line, the folder cannot be written, or it exists and holds
        other files.
    :raises MissingDependencyError: ``ann`` needs the extra ``index``, which is not installed.
    """
    INDEX.check_replaceable(folder)
    searched = alignment if side == "target" else alignment.inverse()
    queries, targets = searched.source.mapped, searched.target.mapped
    for words in (queries.words, targets.words):
        check_storable(words)
    vectors = csls_targets(targets.matrix, searched.means.target)
    with replacing(folder) as draft:
        draft.mkdir()
        _write_rows(vectors, targets.words, draft / VECTORS, draft / WORDS)
        _write_rows(csls_queries(queries.matrix), queries.words, draft / QUERIES, draft / QUERY_WORDS)
        if ann:
            graphs.AnnIndex.build(vectors).save(draft / GRAPH)
        config = {**_config(searched, ann), "alignment": {"sha256": fingerprint, "side": side}}
        text = json.dumps(config, indent=2, ensure_ascii=False) + "\n"
        (draft / CONFIG).write_text(text, encoding="utf-8")


def _write_rows(rows: Floats, words: Sequence[str], file: Path, names: Path) -> None:
    np.save(file, rows)
    names.write_bytes("".join(f"{word}\n" for word in words).encode())


def _config(alignment: Alignment, ann: bool) -> dict[str, Any]:
    packages = ("bli-translator", "numpy", *(["usearch"] if ann else []))
    return {
        "format": FORMAT,
        "kind": KIND,
        "vectors": {**_side(alignment.target), "file": VECTORS, "words_in": WORDS},
        "queries": {**_side(alignment.source), "file": QUERIES, "words_in": QUERY_WORDS},
        "metric": "inner product",
        "k": alignment.means.k,
        "score": "CSLS plus r(x), the mean cosine of the query with its k nearest targets",
        "query": {
            "how": "Map the word's raw vector into the shared space (export_layer), scale it to unit length, "
            "and append a 1.",
            "steps": [*["unit"] * alignment.source.to_shared.unit_input, "map", "unit", "append 1"],
        },
        "graph": {"file": GRAPH, **graphs.SETTINGS} if ann else None,
        "versions": versions(*packages),
    }


def _side(side: Side) -> dict[str, Any]:
    return {"language": side.name, "rows": len(side.mapped), "columns": side.to_shared.matrix.shape[1] + 1}
