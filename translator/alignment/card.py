"""The README.md of a saved alignment."""

from __future__ import annotations

from translator.alignment.artefact import Config, SideConfig


def model_card(config: Config) -> str:
    """Return Markdown that tells a reader of the folder what it is, how it was made and how to use it."""
    source, target, record = config.source, config.target, config.record
    consistency = "too few to tell whether maps learned again agree with this one"
    if record.agreement.consistency is not None:
        consistency = (
            f"{record.agreement.consistency:.0%} of these keep their translation in maps learned again"
        )
    lines = [
        "---",
        "library_name: bli-translator",
        "tags: [bilingual-lexicon-induction, word-embeddings, cross-lingual]",
        "---",
        "",
        f"# {source.name} -> {target.name}",
        "",
        f"Maps {source.name} word vectors and {target.name} word vectors into one space.",
        "",
        f"- Made from {record.method}.",
        f"- Source: {_side(source)}.",
        f"- Target: {_side(target)}.",
        f"- Normalisation: {', then '.join(source.normalization) or 'none'}.",
        f"- Mutual nearest neighbours: {record.agreement.mutual_share:.0%} of frequent source words; "
        f"{consistency}.",
        f"- Rankers, source to target and back: {', '.join(ranker.kind for ranker in record.rankers)}; "
        f"probabilities {record.probabilities or 'are off'}.",
        *(f"- Warning: {warning}." for warning in record.warnings),
        "",
        "```python",
        "from translator import Alignment, Translator, translate",
        "",
        'alignment = Alignment.from_pretrained("this-folder")',
        'translate(alignment, "word")',
        'layer = Translator.from_pretrained("this-folder")  # a torch.nn.Linear',
        "```",
        "",
    ]
    return "\n".join(lines)


def _side(side: SideConfig) -> str:
    return f"{side.words:,} words, {side.dimension} dimensions, SHA-256 `{side.sha256[:16]}`"
