"""The README.md of a saved model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def model_card(config: Mapping[str, Any]) -> str:
    """Return the model card, in Markdown, of a ``config.json``."""
    shape, languages = config["architecture"], config["languages"]
    lines = [
        "---",
        "library_name: bli-translator",
        f"language: [{', '.join(languages)}]",
        "tags: [image-text-retrieval, visual-semantic-embedding, cross-lingual]",
        "---",
        "",
        f"# Images and captions in one space: {', '.join(languages)}",
        "",
        f"Image features of width {shape['features']} and texts meet in {shape['joint']} dimensions.",
        f"Texts go through word vectors, the language's Translator (none for {config['pivot']}, the pivot)",
        f"and a GRU of {shape['hidden']} units.",
        "",
        *(_needs(code, record) for code, record in languages.items()),
        "",
        *_results(config),
        "```python",
        "from vse import VSE",
        "",
        'model = VSE.from_pretrained("this-folder")',
        f'model.encode_text(["some words"], language="{next(iter(languages), "en")}")',
        "model.encode_image(features)  # float32 [n, " + f"{shape['features']}]",
        "```",
        "",
    ]
    return "\n".join(lines)


def _needs(code: str, record: Mapping[str, Any]) -> str:
    digest = record["sha256"][:16]
    return f"- {code}: word vectors `{Path(record['path']).name}`, {record['dimension']}-d, sha256 `{digest}`"


def _results(config: Mapping[str, Any]) -> list[str]:
    metrics = config.get("metrics")
    if not metrics:
        return []
    rows = ["| dev | text to image R@1/5/10 | image to text R@1/5/10 | rsum |", "|---|---|---|---|"]
    for code, found in metrics.items():
        t2i, i2t = (" / ".join(f"{found[way][r]:.1f}" for r in ("r1", "r5", "r10")) for way in ("t2i", "i2t"))
        rows.append(f"| {code} | {t2i} | {i2t} | {found['rsum']:.1f} |")
    return [*rows, ""]
