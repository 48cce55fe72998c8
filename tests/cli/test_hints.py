"""Hints of the library, in flags of the command line."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner
from translator_cli.group import Commands
from translator_cli.hints import in_flags

from translator import DataError


@click.group(cls=Commands)
def program() -> None:
    """Two commands."""


@program.command("first")
@click.argument("hint")
@click.option("--limit", type=int)
@click.option("--source-vectors", "source")
@click.option("--seed-pairs")
@click.option("-k", type=int)
@click.option("-d", "--dict", "lexicon")
@click.option("--rerank/--no-rerank", default=None)
@click.option("--compose-oov", is_flag=True)
@click.option("--embeddings", multiple=True)
def first(hint: str, **_: object) -> None:
    """Fail with a hint."""
    raise DataError("limit=3: a message stays as it is", hint)


@program.command("second")
@click.option("--max-words", "limit", type=int)
@click.option("--normalize", "normalization")
def second(**_: object) -> None:
    """Print a text."""
    click.echo(in_flags("Raise `limit`, or set normalization=center,unit and device=cpu."))


@pytest.mark.parametrize(
    ("hint", "shown"),
    [
        ("Pass limit=1000.", "Pass --limit 1000."),
        ("Raise `limit`: it is too small.", "Raise --limit: it is too small."),
        ("Name it: source=FILE, or k=5", "Name it: --source-vectors FILE, or -k 5"),
        ('Use seed_pairs="structure".', "Use --seed-pairs structure."),
        ("Pass lexicon=en-de.txt.", "Pass --dict en-de.txt."),
        ("Align without rerank=False.", "Align without --no-rerank."),
        ("Use rerank=True, compose_oov=True.", "Use --rerank, --compose-oov."),
        ("Use compose_oov=False.", "Use compose_oov=False."),
        ('Pass embeddings={"de": FILE}.', "Pass --embeddings de=FILE."),
        ("Pass embeddings={'de': en.bin}.", "Pass --embeddings de=en.bin."),
        ("Pass normalization=unit.", "Pass --normalize unit."),
        ("No `parameter` of any=1 command.", "No `parameter` of any=1 command."),
    ],
)
def test_the_hint_of_an_error_names_flags(hint: str, shown: str) -> None:
    result = CliRunner().invoke(program, ["first", hint])
    assert result.exit_code == 1
    assert result.stderr == f"Error: limit=3: a message stays as it is\n{shown}\n"


def test_the_running_command_goes_before_the_others() -> None:
    shown = "Raise --max-words, or set --normalize center,unit and device=cpu.\n"
    assert CliRunner().invoke(program, ["second"]).stdout == shown


def test_without_a_command_a_text_stays_as_it_is() -> None:
    assert in_flags("Raise `limit`.") == "Raise `limit`."
