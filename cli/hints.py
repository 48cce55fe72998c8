"""Library texts in the words of the command line: parameters of Python functions become flags."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

# `limit`, limit=1000, rerank=False, seed_pairs="structure", embeddings={"de": FILE}
PARAMETER = re.compile(
    r"""`(?P<alone>\w+)`
    | \b(?P<name>\w+)=(?: \{["']?(?P<key>\w+)["']?:\s(?P<entry>[^}]+)\}
                        | "(?P<string>[^"]*)"
                        | (?P<bare>[\w.,/-]*\w) )""",
    re.VERBOSE,
)


def in_flags(text: str) -> str:
    """Write the parameters that a text names as flags of the command that runs.

    A parameter is named in backquotes or with a value: ``Raise `limit`.``, ``Pass limit=1000.`` The click
    name of each option is the name of the Python parameter that it sets. A name that is no option of the
    running command is looked for in the other commands of the program, and stays as it is if none has it.

    >>> in_flags("Pass limit=1000.")  # no command runs
    'Pass limit=1000.'
    """
    options: dict[str, click.Option] = {}
    for option in _options():
        options.setdefault(option.name or "", option)

    def flag(match: re.Match[str]) -> str:
        option = options.get(match["alone"] or match["name"])
        return match[0] if option is None else _flag(option, match)

    return PARAMETER.sub(flag, text)


def _options() -> Iterator[click.Option]:
    """Options of the running command, then those of the other commands."""
    context = click.get_current_context(silent=True)
    root = context.find_root() if context else None
    if root is None or not isinstance(root.command, click.Group):
        return
    commands = root.command.commands
    running = commands.get(root.invoked_subcommand or "")
    for command in [*([running] if running else []), *commands.values()]:
        yield from (option for option in command.params if isinstance(option, click.Option))


def _flag(option: click.Option, match: re.Match[str]) -> str:
    name = max(option.opts, key=len)
    if match["alone"]:
        return name
    if match["key"]:
        return f"{name} {match['key']}={match['entry']}"
    value = match["bare"] if match["string"] is None else match["string"]
    if not option.is_flag:
        return f"{name} {value}"
    if value == "True":
        return name
    return max(option.secondary_opts, key=len) if option.secondary_opts else match[0]
