"""Map languages onto each other through their word vectors.

From two files of vectors to translations and a torch layer::

    from translator import Translator, align, load_lexicon, load_vectors, translate
    alignment = align(load_vectors("en.bin"), load_vectors("de.bin"), load_lexicon("en-de.txt"))
    translate(alignment, "house")
    alignment.save_pretrained("en-de")
    layer = Translator.from_pretrained("en-de")
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from translator.alignment import Alignment
from translator.cldr import cldr_lexicon
from translator.errors import DataError, FormatError, MissingDependencyError, TranslatorError
from translator.evaluation import evaluate
from translator.export import (
    aligned_vectors,
    export_fasttext,
    export_index,
    export_layer,
    export_mapped,
    export_vectors,
    map_vectors,
)
from translator.fetching import fetch_dictionary, fetch_vectors
from translator.formats import load_vectors, save_vectors
from translator.glossing import Glosser
from translator.induction import induce_lexicon
from translator.lexicon import Lexicon, load_lexicon
from translator.lexicon_vectors import LexiconVectors
from translator.neighbours_kept import neighbours_kept
from translator.options import Options
from translator.pipeline import align
from translator.translation import translate
from translator.vectors import WordVectors
from translator.vectors.subword import SubwordVectors

if TYPE_CHECKING:
    from translator.attention import LexiconAttention
    from translator.layer import Translator

__all__ = [
    "Alignment",
    "DataError",
    "FormatError",
    "Glosser",
    "Lexicon",
    "LexiconVectors",
    "MissingDependencyError",
    "Options",
    "SubwordVectors",
    "TranslatorError",
    "WordVectors",
    "align",
    "aligned_vectors",
    "cldr_lexicon",
    "evaluate",
    "export_fasttext",
    "export_index",
    "export_layer",
    "export_mapped",
    "export_vectors",
    "fetch_dictionary",
    "fetch_vectors",
    "induce_lexicon",
    "load_lexicon",
    "load_vectors",
    "map_vectors",
    "neighbours_kept",
    "save_vectors",
    "translate",
]
if find_spec("torch") is not None:  # otherwise ``from translator import *`` would ask for it and fail
    __all__ += ["LexiconAttention", "Translator"]


def __getattr__(name: str) -> Any:
    """Import on first use what needs torch or reads the installed metadata (PEP 562)."""
    if name == "__version__":
        from translator.versions import versions

        return versions("bli-translator")["bli-translator"]
    if name == "Translator":
        from translator.layer import Translator

        return Translator
    if name == "LexiconAttention":
        from translator.attention import LexiconAttention

        return LexiconAttention
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names, those imported on first use included."""
    return [*__all__, "__version__"]
