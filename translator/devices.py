"""Which devices of torch there are to compute on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from translator.errors import DataError

if TYPE_CHECKING:
    import torch


def usable(name: str) -> torch.device:
    """The torch device of a name such as ``cpu`` or ``cuda``.

    :raises DataError: it is unknown or not there.
    """
    import torch

    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"device {name!r} cannot be used: {reason}", "Use --device cpu.") from None
    return device
