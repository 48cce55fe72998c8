"""An alignment as a folder for vector databases, where the largest inner products are the best by CSLS.

=================  ==================================================================================
``vectors.npy``    a row ``[2y, -r(y)]`` for each target word, float32 [m, e + 1]
``words.txt``      the target words in the order of the rows, UTF-8: a line each, ended by a line feed
``queries.npy``    a row ``[x, 1]`` for each source word, float32 [n, e + 1]
``queries.txt``    the source words, likewise
``index.usearch``  a graph over the rows of ``vectors.npy``, if one is wanted (see ``ann``)
``config.json``    what all this is and was made from, and how a query is made
=================  ==================================================================================

Only numpy is needed to read it. A word may hold anything but a line feed: split at nothing else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from translator.alignment import Alignment, Side
from translator.alignment.artefact import CONFIG
from translator.files import json_of
from translator.formats.checks import check_storable
from translator.retrieval import ann
from translator.retrieval.inner_product import csls_queries, csls_targets
from translator.vectors import Floats
from translator.versions import versions
from translator.writing import Kind, replacing

FORMAT, KIND = 1, "csls-index"
VECTORS, WORDS = "vectors.npy", "words.txt"
QUERIES, QUERY_WORDS = "queries.npy", "queries.txt"
GRAPH = f"index{ann.SUFFIX}"
INDEX = Kind(
    "an index",
    lambda folder: json_of(folder / CONFIG).get("kind") == KIND,
    (VECTORS, WORDS, QUERIES, QUERY_WORDS, GRAPH, CONFIG),
)


def write_index(
    alignment: Alignment, folder: str | os.PathLike[str], *, graph: bool = False, model: str = ""
) -> None:
    """Write the folder; it appears whole or not at all.

    :param graph: add the index of approximate neighbours.
    :param model: fingerprint of the alignment's tensors, where it is known.
    :raises DataError: a word cannot be stored on a line, the folder cannot be written, or it exists and holds
        other files.
    :raises MissingDependencyError: a graph is wanted, and the extra ``index`` is not installed.
    """
    INDEX.check_replaceable(folder)
    source, target = alignment.source.mapped, alignment.target.mapped
    for words in (source.words, target.words):
        check_storable(words)
    vectors = csls_targets(target.matrix, alignment.means.target)
    with replacing(folder) as draft:
        draft.mkdir()
        _write_rows(vectors, target.words, draft / VECTORS, draft / WORDS)
        _write_rows(csls_queries(source.matrix), source.words, draft / QUERIES, draft / QUERY_WORDS)
        if graph:
            ann.AnnIndex.build(vectors).save(draft / GRAPH)
        about = json.dumps(_manifest(alignment, graph, model), indent=2, ensure_ascii=False)
        (draft / CONFIG).write_text(about + "\n", encoding="utf-8")


def _write_rows(rows: Floats, words: Sequence[str], file: Path, names: Path) -> None:
    np.save(file, rows)
    names.write_bytes("".join(f"{word}\n" for word in words).encode())


def _manifest(alignment: Alignment, graph: bool, model: str) -> dict[str, Any]:
    packages = ("bli-translator", "numpy", *(["usearch"] if graph else []))
    return {
        "format": FORMAT,
        "kind": KIND,
        "alignment": {"sha256": model},
        "vectors": {**_side(alignment.target), "file": VECTORS, "words_in": WORDS},
        "queries": {**_side(alignment.source), "file": QUERIES, "words_in": QUERY_WORDS},
        "metric": "inner product",
        "k": alignment.means.k,
        "score": "CSLS plus r(x), the mean cosine of the query with its k nearest targets",
        "query": {
            "how": "The vector of a word, as it is in the file of vectors, is mapped into the shared space "
            "(translator export --torch), scaled to unit length, and followed by a 1.",
            "recipe": [*["unit"] * alignment.source.to_shared.unit_input, "map", "unit", "append 1"],
        },
        "graph": {"file": GRAPH, **ann.SETTINGS} if graph else None,
        "versions": versions(*packages),
    }


def _side(side: Side) -> dict[str, Any]:
    return {"language": side.name, "rows": len(side.mapped), "columns": side.to_shared.matrix.shape[1] + 1}
