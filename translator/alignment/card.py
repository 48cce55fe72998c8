"""The README.md that is written beside a saved alignment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from translator.alignment.making import making


def model_card(config: Mapping[str, Any]) -> str:
    """Markdown for people who find the folder, out of its ``config.json``."""
    source, target = config["source"], config["target"]
    made = making(config)
    consistency = "too few pairs to tell whether they follow from each other"
    if made.agreement.consistency is not None:
        consistency = f"{made.agreement.consistency:.0%} of these pairs follow from the others"
    lines = [
        "---",
        "library_name: bli-translator",
        "tags: [bilingual-lexicon-induction, word-embeddings, cross-lingual]",
        "---",
        "",
        f"# {source['name']} -> {target['name']}",
        "",
        f"Maps {source['name']} word vectors and {target['name']} word vectors into one space.",
        "",
        f"- Made by: {made.reason}.",
        f"- Source: {source['words']:,} words, {source['dimension']}-d, sha256 `{source['sha256'][:16]}`.",
        f"- Target: {target['words']:,} words, {target['dimension']}-d, sha256 `{target['sha256'][:16]}`.",
        f"- Normalisation: {', then '.join(source['recipe']) or 'none'}.",
        f"- Frequent source words with a mutual neighbour: {made.agreement.mutual_share:.0%}; {consistency}.",
        f"- Rankers, forth and back: {', '.join(made.kinds or ['not recorded'])}.",
        *(f"- Warning: {warning}." for warning in made.warnings),
        "",
        "```python",
        "from translator import Alignment, Translator, translate",
        "",
        'alignment = Alignment.from_pretrained("this-folder")',
        'translate(alignment, ["word"])',
        'layer = Translator.from_pretrained("this-folder")  # a torch.nn.Linear',
        "```",
        "",
    ]
    return "\n".join(lines)
