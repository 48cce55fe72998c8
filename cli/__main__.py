"""``python -m translator_cli``."""

from .main import main

main(prog_name="translator")
