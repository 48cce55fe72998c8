"""The ``vse`` command: parses, calls, renders."""
