"""Devices that torch computes on, and whether the processor multiplies bfloat16."""

from __future__ import annotations

from typing import TYPE_CHECKING

from translator.errors import DataError, MissingDependencyError

if TYPE_CHECKING:
    import torch

BFLOAT16_FEATURES = ("avx512_bf16", "amx_bf16")  # CPU features that mean native bfloat16 matrix products


def usable(name: str) -> torch.device:
    """Return the torch device of a name such as ``cpu`` or ``cuda``.

    :raises DataError: torch does not know the device, or this machine does not have it.
    :raises MissingDependencyError: torch is not installed.
    """
    try:
        import torch
    except ImportError:
        raise MissingDependencyError("torch", "torch", f"device {name!r}") from None
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()  # fails on the device "meta", which holds no numbers
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"device {name!r} cannot be used: {reason}", 'Pass device="cpu".') from None
    return device


def multiplies_bfloat16() -> bool:
    """Return whether torch is installed and the processor has native products of bfloat16.

    Without them bfloat16 is slower than float32.
    """
    try:
        import torch
    except ImportError:
        return False
    capabilities = getattr(torch.cpu, "get_capabilities", None)  # missing in older releases of torch
    return capabilities is not None and any(capabilities().get(name) for name in BFLOAT16_FEATURES)
