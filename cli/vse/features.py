"""``vse features``: encode a folder of images."""

from __future__ import annotations

from pathlib import Path

import click

from ..console import Console, speaking
from ..folder import check_file
from ..options import FILE, device_option
from .options import exclude_option


@click.command()
@click.argument("images", type=FILE)
@click.option("-o", "--output", type=FILE, required=True, metavar="FILE.npy", help="Where to write.")
@click.option(
    "--encoder",
    metavar="NAME",
    help="onnx:FILE, or timm:MODEL, whose weights are fetched once. [default: efficientnet-lite2]",
)
@click.option("--size", type=int, help="Side of an ONNX model's input, if the file leaves it open.")
@click.option(
    "--mean",
    type=float,
    nargs=3,
    help="Mean of each colour, 0 to 1, for an ONNX model. [default: ImageNet's]",
)
@click.option("--std", type=float, nargs=3, help="Standard deviation of each colour, likewise.")
@click.option("--batch", type=click.IntRange(min=1), default=32, show_default=True, help="Images at once.")
@exclude_option
@device_option
@speaking
def features(
    console: Console,
    /,
    images: Path,
    output: Path,
    encoder: str | None,
    size: int | None,
    mean: tuple[float, ...] | None,
    std: tuple[float, ...] | None,
    batch: int,
    exclude: tuple[str, ...],
    device: str,
) -> None:
    """Write the features of every image in IMAGES and below, and a file of their ids.

    A name that ends in _ims.npy makes the images of a split: train_ims.npy and train_ids.txt, to which you
    add captions in train_caps.LANG.txt. Use the same encoder for all images of a model. vse train makes the
    features of a folder of images by itself.

    \b
    Example:
      vse features images -o data/train_ims.npy
      vse features images -o data/train_ims.npy --encoder onnx:encoder.onnx
    """
    if output.suffix != ".npy":
        raise click.UsageError(f"-o {output}: expected a name that ends in .npy")
    from vse.features import DEFAULT, extract, ids_path, load_encoder
    from vse.features.extraction import check_output
    from vse.search import check_undescribed

    for place in (output, ids_path(output)):
        check_file(place)
    check_output(output)
    check_undescribed(output)

    console.phase("reading the encoder")
    network = load_encoder(encoder or DEFAULT, device=device, size=size, mean=mean, std=std)
    made = extract(images, network, output, batch=batch, exclude=exclude)
    value = {
        "output": str(output),
        "ids": str(ids_path(output)),
        "images": len(made.ids),
        "width": int(made.matrix.shape[1]),
        "damaged": [str(path) for path in made.damaged],
    }
    left_out = f", {len(made.damaged)} left out" if made.damaged else ""
    text = f"Written to {output}: {len(made.ids):,} images{left_out}, {made.matrix.shape[1]} features each"
    console.summary(f"{text}\nTheir ids:  {ids_path(output)}", value)
