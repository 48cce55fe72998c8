"""Which devices of torch there are to compute on, and what they are good at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from translator.errors import DataError

if TYPE_CHECKING:
    import torch

PROCESSORS = ("avx512_bf16", "amx_bf16")  # what they are called that multiply bfloat16 of themselves


def usable(name: str) -> torch.device:
    """The torch device of a name such as ``cpu`` or ``cuda``.

    :raises DataError: it is unknown or not there.
    """
    import torch

    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()  # which the device "meta" has no number for
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"device {name!r} cannot be used: {reason}", "Use --device cpu.") from None
    return device


def multiplies_bfloat16() -> bool:
    """Whether the processor is made for products of bfloat16; on others they are slower than float32."""
    import torch

    tell = getattr(torch.cpu, "get_capabilities", None)  # older releases of torch have none
    return tell is not None and any(tell().get(name) for name in PROCESSORS)
