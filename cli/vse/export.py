"""``vse export``: write a model for other programs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..console import Console, speaking
from ..folder import check_file
from ..options import FILE
from .options import on_a_model

if TYPE_CHECKING:
    from vse import VSE


@click.command()
@on_a_model
@click.option("--torch", "torch_", is_flag=True, help="Weights of plain torch.nn modules, .safetensors.")
@click.option("--onnx", is_flag=True, help="Both branches as ONNX graphs.")
@click.option("--lang", "language", help="Language of the text branch. [default: the only one]")
@click.option(
    "-o", "--output", type=FILE, metavar="STEM", help="Start of the names, or a folder. [default: RUN]"
)
@speaking
def export(
    console: Console,
    /,
    run: Path,
    open_model: Callable[[], VSE],
    torch_: bool,
    onnx: bool,
    language: str | None,
    output: Path | None,
) -> None:
    """Write the image branch and one language's text branch: STEM.image.* and STEM.LANG.*.

    The input of the text branch is raw word vectors, one row for each word.

    \b
    Example:
      vse export run-de --onnx
    """
    if not (torch_ or onnx):
        raise click.UsageError("Say what to write: --torch, --onnx.")
    model = open_model()
    from vse.export import write_image, write_text
    from vse.onnx_graph import write_image_onnx, write_text_onnx

    code = model.embeddings(language).language
    writers: dict[str, Callable[[Path], None]] = {}
    if torch_:
        writers["image.safetensors"] = partial(write_image, model)
        writers[f"{code}.safetensors"] = partial(write_text, model, code)
    if onnx:
        writers["image.onnx"] = partial(write_image_onnx, model)
        writers[f"{code}.onnx"] = partial(write_text_onnx, model, code)
    name = run.resolve().name
    stem = Path(name) if output is None else output / name if output.is_dir() else output
    files = [stem.parent / f"{stem.name}.{end}" for end in writers]
    for file in files:
        check_file(file)
    for file, write in zip(files, writers.values(), strict=True):
        console.phase(f"writing {file}")
        write(file)
    lines, through = [f"Written to {file}" for file in files], model.embeddings(code).through
    if through == "lexicon":
        lines.append(
            f"Note: {code} is read through the lexicon: its raw vectors are those of "
            "translator export ALIGNMENT --vec --through-lexicon"
        )
    console.summary("\n".join(lines), {"files": [str(file) for file in files], "through": through})
