"""Parsed JSON into dataclasses, checked against their annotations: configs may come from strangers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import UnionType
from typing import Any, Literal, NoReturn, Union, get_args, get_origin, get_type_hints

from translator.errors import FormatError


def from_json(kind: Any, value: Any, name: str = "value") -> Any:
    """Build an instance of an annotated type from parsed JSON; ``dataclasses.asdict`` is the inverse.

    Types may be dataclasses, ``str``, ``int``, ``float``, ``bool``, ``None``, ``Literal``, unions (the first
    member that fits), ``tuple[X, ...]`` and tuples of fixed length, ``Mapping[str, X]``, and ``Any``. A field
    that has a default may be missing.

    :param name: what error messages call the value.
    :raises FormatError: the value does not fit the type; the message names the field.
    :raises DataError: a dataclass rejects the values.

    >>> from_json(tuple[int, ...], [1, 2])
    (1, 2)
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if is_dataclass(kind):
        return _dataclass(kind, value, name)
    if origin in (Union, UnionType):
        return _union(arguments, value, name)
    if origin is tuple:
        return _tuple(arguments, value, name)
    if origin is Mapping:
        if not isinstance(value, dict):
            _refuse(kind, value, name)
        return {key: from_json(arguments[1], one, f"{name}.{key}") for key, one in value.items()}
    if kind is float and type(value) is int:
        return float(value)
    fits = value in arguments if origin is Literal and isinstance(value, str) else type(value) is kind
    return value if fits else _refuse(kind, value, name)


def _dataclass(kind: Any, value: Any, name: str) -> Any:
    if not isinstance(value, dict):
        _refuse(kind, value, name)
    types, built = get_type_hints(kind), {}
    for field in fields(kind):
        if field.name in value:
            built[field.name] = from_json(types[field.name], value[field.name], f"{name}.{field.name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            raise FormatError(f"{name}.{field.name} is missing")
    return kind(**built)


def _union(kinds: tuple[Any, ...], value: Any, name: str) -> Any:
    problem = None
    for kind in kinds:
        if kind is type(None):
            if value is None:
                return None
            continue
        try:
            return from_json(kind, value, name)
        except FormatError as error:
            problem = problem or error
    raise problem or FormatError(f"{name}: expected null, found {value!r}")


def _tuple(kinds: tuple[Any, ...], value: Any, name: str) -> Any:
    if not isinstance(value, list):
        _refuse(tuple, value, name)
    if kinds[1:] == (...,):
        kinds = kinds[:1] * len(value)
    if len(kinds) != len(value):
        raise FormatError(f"{name}: expected {len(kinds)} values, found {len(value)}")
    return tuple(
        from_json(kind, one, f"{name}[{place}]")
        for place, (kind, one) in enumerate(zip(kinds, value, strict=True))
    )


def _refuse(kind: Any, value: Any, name: str) -> NoReturn:
    shown = getattr(kind, "__name__", str(kind)) if get_origin(kind) is None else str(kind)
    text = repr(value)
    raise FormatError(f"{name}: expected {shown}, found {text if len(text) < 60 else text[:57] + '...'}")
