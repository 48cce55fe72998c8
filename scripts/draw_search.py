"""Draw docs/search.png: emoji found by French texts, by a model that saw no French caption.

pip install matplotlib pillow && python -m scripts.draw_search DEMO THUMBS docs/search.png

DEMO is the folder that ``vse demo`` wrote; THUMBS holds ``<id>.jpg``, drawings of Noto Color Emoji.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib.pyplot as plt
from PIL import Image

from translator.data import path as words
from vse import VSE, load_split
from vse.data import path as images

QUERIES = ("des fruits", "un visage triste", "un chat", "une maison")
SHOWN = 8


def main(demo: Path, thumbs: Path, output: str) -> None:
    """Search the test images and draw the best of each text in a row."""
    model = VSE.from_pretrained(demo / "run-en")
    model.add_language("fr", words("fr.safetensors"), demo / "fr-en")
    split = load_split(images(), "test")
    results = model.search(QUERIES, split.features, SHOWN, language="fr")
    figure, axes = plt.subplots(len(QUERIES), SHOWN, figsize=(SHOWN, 1.25 * len(QUERIES)), dpi=110)
    for row, (query, hits) in enumerate(zip(QUERIES, results, strict=True)):
        for column, hit in enumerate(hits):
            axes[row, column].imshow(Image.open(thumbs / f"{split.ids[hit.row]}.jpg"))
            axes[row, column].set_axis_off()
        axes[row, 0].set_title(query, loc="left", fontsize=10)
    figure.tight_layout()
    figure.savefig(output, bbox_inches="tight")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
