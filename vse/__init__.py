"""Images and captions of several languages in one joint space.

Two branches meet: image features through a linear layer, and word vectors of any language through their
Translator and a GRU. In a few lines::

    from vse import VSE, TrainingOptions, Recipe, load_split, train
    data = load_split("data", "train"), load_split("data", "dev")
    train(*data, "run-en", Recipe(("en",), {"en": "en.bin"}))
    VSE.from_pretrained("run-en").encode_text(["a dog jumps over a fence"])
"""

from typing import TYPE_CHECKING, Any

from vse.dataset import Captions, Split
from vse.dataset.joined import everything
from vse.dataset.layouts import load_split, write_split

if TYPE_CHECKING:
    from vse.evaluation import evaluate
    from vse.model import VSE
    from vse.search import ImageIndex
    from vse.training import train
    from vse.training.options import TrainingOptions
    from vse.training.recipes import Recipe

__all__ = [
    "VSE",
    "Captions",
    "ImageIndex",
    "Recipe",
    "Split",
    "TrainingOptions",
    "evaluate",
    "everything",
    "load_split",
    "train",
    "write_split",
]

_LAZY = {
    "VSE": "model",
    "ImageIndex": "search",
    "Recipe": "training.recipes",
    "TrainingOptions": "training.options",
    "evaluate": "evaluation",
    "train": "training",
}


def __getattr__(name: str) -> Any:
    """Load what needs torch only when it is asked for (PEP 562)."""
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(f"vse.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """What to offer: the lazy names as well."""
    return __all__
