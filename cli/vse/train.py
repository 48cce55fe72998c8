"""``vse train``: captioned images into a model."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..console import Console, speaking
from ..folder import check_parent
from ..hints import in_flags
from ..options import FILE
from .options import by_language, embeddings_option, metrics_table, through_option, translator_option
from .training_data import archive_options, training_data

if TYPE_CHECKING:
    from vse import Recipe, TrainingOptions
    from vse.transfer import Through


def tuning(function: Any) -> Any:
    """Add a flag for each field of :class:`vse.TrainingOptions`; the defaults are those of the class."""
    for add in reversed(
        (
            click.option("--subset", type=int, metavar="N", help="Train on N images, drawn at random."),
            click.option(
                "--epochs",
                type=int,
                help="Maximum number of passes over the data; 0 only stores. [default: 20]",
            ),
            click.option("--batch", type=int, help="Captions a step. [default: 128]"),
            click.option("--steps", type=int, help="Steps an epoch. [default: each caption once]"),
            click.option("--lr", type=float, help="Maximum learning rate of Adam. [default: 0.001]"),
            click.option(
                "--schedule",
                type=click.Choice(["cosine", "step", "constant"]),
                help="How it falls. [default: cosine]",
            ),
            click.option(
                "--warm-up", type=float, help="Share of the steps in which it rises. [default: 0.05]"
            ),
            click.option("--weight-decay", type=float, help="Decoupled weight decay. [default: 0]"),
            click.option(
                "--clip", type=float, help="Maximum norm of the gradients; 0: no limit. [default: 2]"
            ),
            click.option("--margin", type=float, help="Margin of the hinges. [default: 0.2]"),
            click.option(
                "--loss",
                type=click.Choice(["sum", "max"]),
                help="Sum of all hinges, or hardest negative only. [default: sum]",
            ),
            click.option("--ramp", type=float, help="Share of all steps from sum to max. [default: 0.25]"),
            click.option("--dropout", type=float, help="Dropout of features and states. [default: 0.3]"),
            click.option("--word-dropout", type=float, help="Dropout of words. [default: 0.1]"),
            click.option("--hidden", type=int, help="Units of the GRU. [default: 512]"),
            click.option("--joint", type=int, help="Width of the joint space. [default: 512]"),
            click.option(
                "--pooling",
                type=click.Choice(["max", "mean", "last"]),
                help="How the states of a text are pooled. [default: max]",
            ),
            click.option(
                "--bidirectional/--forward",
                default=None,
                help="Also read texts from their end. [default: forward]",
            ),
            click.option(
                "--freeze-epochs", type=int, help="First epochs that train only the Translators. [default: 0]"
            ),
            click.option(
                "--sampling",
                type=click.Choice(["proportional", "uniform", "active"]),
                help="How languages share an epoch. [default: proportional]",
            ),
            click.option("--tau", type=float, help="Temperature of active sampling. [default: 0.1]"),
            click.option(
                "--floor", type=float, help="Minimum share, as a fraction of 1/k, in it. [default: 0.1]"
            ),
            click.option(
                "--patience", type=int, help="Stop after N epochs without a better one. [default: no limit]"
            ),
            click.option(
                "--seed", "random_state", type=int, help="Seed of every random choice. [default: 0]"
            ),
            click.option("--device", help="cpu, or a torch device such as cuda. [default: cpu]"),
            click.option(
                "--precision",
                type=click.Choice(["float32", "bfloat16"]),
                help="Of the GRU's products; bfloat16 for CPUs that have it. [default: float32]",
            ),
        )
    ):
        function = add(function)
    return function


@click.command()
@click.argument("data", type=FILE)
@click.option(
    "--lang",
    "languages",
    multiple=True,
    required=True,
    help="A language to train on; the first is the pivot.",
)
@embeddings_option
@translator_option("translators")
@through_option
@click.option("--random-translator", "kind", flag_value="random", help="Train the Translators from scratch.")
@click.option(
    "--identity-translator", "kind", flag_value="identity", help="The word vectors are aligned already."
)
@click.option("--from", "start", type=FILE, metavar="RUN", help="Start from a trained model.")
@click.option("--auxiliary", multiple=True, metavar="LANG", help="Train on it too, but do not evaluate it.")
@click.option("-o", "--output", type=FILE, required=True, metavar="RUN", help="Folder of the model.")
@click.option("--train", "train_split", default="train", show_default=True, help="Split to train on.")
@click.option("--dev", "dev_split", default="dev", show_default=True, help="Split that chooses the epoch.")
@archive_options
@click.option("--resume", is_flag=True, help="Continue an interrupted run.")
@click.option("--bundle", is_flag=True, help="Put compact copies of the word vectors into RUN.")
@tuning
@speaking
def train(
    console: Console,
    /,
    data: Path,
    languages: tuple[str, ...],
    embeddings: tuple[str, ...],
    translators: tuple[str, ...],
    through: Through | None,
    kind: str | None,
    start: Path | None,
    auxiliary: tuple[str, ...],
    output: Path,
    train_split: str,
    dev_split: str,
    split: Path | None,
    captions: tuple[str, ...],
    encoder: str | None,
    exclude: tuple[str, ...],
    encoding: str | None,
    resume: bool,
    bundle: bool,
    **given: Any,
) -> None:
    """Train on captioned images: one language, several, or one more on top of a trained model.

    DATA is a folder of images, whose features are made once and kept in the cache; or it holds NAME_ims.npy
    and NAME_caps.LANG.txt, or NAME/features.npy, NAME/ids.txt and NAME/captions.LANG.tsv, for the splits
    train and dev. Every language but the pivot needs a Translator.

    \b
    Examples:
      vse train photos --captions captions.csv --lang en --embeddings en.bin -o run
      vse train data --lang en --embeddings en=en.bin -o run-en
      vse train data --lang en --lang de --embeddings en=en.bin --embeddings de=de.bin \\
                     --init-translator de=de-en -o run-both
      vse train data --lang de --from run-en --embeddings de=de.bin --init-translator de-en -o run-de
    """
    from translator.errors import DataError
    from vse import TrainingOptions
    from vse.dataset.partition import SPLIT_FILE
    from vse.training import train as learn

    check_parent(output)
    try:
        options = TrainingOptions(**{name: value for name, value in given.items() if value is not None})
        recipe = _recipe(languages, auxiliary, embeddings, translators, through, kind, start)
    except DataError as error:  # only of the flags: nothing has been read
        raise click.UsageError(in_flags(str(error))) from None
    console.phase("reading")
    earlier = (place / SPLIT_FILE for place in (output if resume else None, start) if place is not None)
    read = training_data(
        console,
        data,
        languages,
        auxiliary,
        (train_split, dev_split),
        options.random_state,
        split or next(filter(Path.is_file, earlier), None),
        captions,
        encoder=encoder,
        exclude=exclude,
        encoding=encoding,
        device=options.device,
    )
    first = int(os.environ.get("RANK", "0")) == 0  # of the processes of torchrun
    console.phase("training")

    def report(entry: Mapping[str, Any]) -> None:
        if first:
            console.note(epoch_line(entry, options))

    with _resumable(output):
        model = learn(
            read.train,
            read.dev,
            output,
            recipe,
            options,
            resume=resume,
            bundle=bundle,
            report=report,
            data=read.arguments,
            assigned=read.assigned,
        )
    if first:
        _show(console, output, model.record)


@contextmanager
def _resumable(output: Path) -> Iterator[None]:
    """Add to an interrupt how training is continued."""
    from vse.model.artefact import CHECKPOINT

    try:
        yield
    except KeyboardInterrupt:
        hint = ["The same command with --resume continues after the last epoch."]
        raise KeyboardInterrupt(*hint if (output / CHECKPOINT).is_file() else []) from None


def epoch_line(entry: Mapping[str, Any], options: TrainingOptions) -> str:
    """Return an entry of the history as one line."""
    recalls = "  ".join(
        f"{code} {found['t2i']['r1']:.1f}/{found['t2i']['r5']:.1f}/{found['t2i']['r10']:.1f}"
        + (f" ({entry['shares'][code]:.0%} of the steps)" if len(entry["shares"]) > 1 else "")
        for code, found in entry["dev"].items()
    )
    best = "  best so far" if entry["best"] == entry["epoch"] else ""
    frozen = "  Translators alone" if 0 < entry["epoch"] <= options.freeze_epochs else ""
    loss = "before training" if entry["loss"] is None else f"loss {entry['loss']:7.3f}"
    return (
        f"epoch {entry['epoch']:>3}/{options.epochs}  {loss}  "
        f"rsum {entry['rsum']:5.1f}  t2i R@1/5/10 {recalls}{best}{frozen}"
    )


def _recipe(
    languages: tuple[str, ...],
    auxiliary: tuple[str, ...],
    embeddings: tuple[str, ...],
    translators: tuple[str, ...],
    through: Through | None,
    kind: str | None,
    start: Path | None,
) -> Recipe:
    from vse import Recipe

    trained = languages + auxiliary
    others = languages if start is not None else trained[1:]
    alone = others[0] if len(others) == 1 else None
    files = by_language(embeddings, "--embeddings", trained[0] if len(trained) == 1 else None)
    starts: dict[str, str | Path] = {**by_language(translators, "--init-translator", alone)}
    if kind is not None:
        able = trained[1:] if start is None else [code for code in trained if code in files]
        if not (left := [code for code in able if code not in starts]):
            raise click.UsageError(f"--{kind}-translator: every language has a Translator already")
        starts |= dict.fromkeys(left, kind)
    return Recipe(languages, files, starts, auxiliary, start, through)


def _show(console: Console, output: Path, record: Mapping[str, Any]) -> None:
    from vse.metrics import Metrics

    found = {code: Metrics.from_json(value) for code, value in record["metrics"].items()}
    best = record["training"]["best_epoch"]
    text = f"{metrics_table(found, 'dev')}\nEpoch {best} was the best. Written to {output}/"
    console.summary(text, {"output": str(output), "best_epoch": best, "metrics": record["metrics"]})
