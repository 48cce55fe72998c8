"""``vse export``: a model into the files that other programs read."""

from __future__ import annotations

from pathlib import Path

import click

from ..console import Console, speaking
from ..folder import check_file
from ..options import FILE
from .options import model_argument


@click.command()
@model_argument
@click.option("--torch", "torch_", is_flag=True, help="Weights of plain torch.nn modules, .safetensors.")
@click.option("--onnx", is_flag=True, help="Both branches as ONNX graphs.")
@click.option("--lang", help="Language of the text branch. [default: the one there is]")
@click.option("-o", "--output", type=FILE, metavar="STEM", help="How names begin. [default: RUN]")
@speaking
def export(
    console: Console, /, run: Path, torch_: bool, onnx: bool, lang: str | None, output: Path | None
) -> None:
    """Write the image branch and one language's text branch: STEM.image.* and STEM.LANG.*.

    The text branch starts from raw word vectors, one row a word.

    \b
    Example:
      vse export run-de --onnx
    """
    if not (torch_ or onnx):
        raise click.UsageError("Say what to write: --torch, --onnx.")
    from vse.export import image_state, text_state, write_state
    from vse.onnx_graph import write_image_onnx, write_text_onnx

    from vse import VSE

    model = VSE.from_pretrained(run)
    code = model.embeddings(lang).language
    stem = output or Path(run.resolve().name)
    written = []
    for wanted, suffix in ((torch_, "safetensors"), (onnx, "onnx")):
        if wanted:
            written += [stem.with_name(f"{stem.name}.{part}.{suffix}") for part in ("image", code)]
    for path in written:
        check_file(path)
    for path in written:
        image = path.name == f"{stem.name}.image{path.suffix}"
        if path.suffix == ".onnx":
            write_image_onnx(model, path) if image else write_text_onnx(model, code, path)
        else:
            write_state(image_state(model) if image else text_state(model, code), path)
    console.summary(
        "\n".join(f"Written to {path}" for path in written), {"files": [str(path) for path in written]}
    )
