"""``python -m translator_cli.vse``, as torchrun starts it."""

from .main import main

main(prog_name="vse")
