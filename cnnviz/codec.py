"""Frozen dataclasses to JSON and back; what comes back is checked field by field."""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from cnnviz.errors import InputError

T = TypeVar("T")


def to_json(value: Any) -> Any:
    """Return a dataclass of numbers, texts, tuples and dataclasses as plain JSON."""
    if dataclasses.is_dataclass(value):
        return {
            field.name: to_json(getattr(value, field.name))
            for field in dataclasses.fields(value)
        }
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    return value


def from_json(kind: type[T], data: Any) -> T:
    """Build a dataclass from plain JSON.

    A field that is absent takes its default and one that is unknown is passed over, so
    that a newer program's file opens as far as it can. A dataclass with a method
    ``verified()`` returns there what of itself can be relied on.

    Parameters
    ----------
    kind : type
        A frozen dataclass of ``bool``, ``int``, ``float``, ``str``, ``Literal``,
        ``tuple``, unions of them and further dataclasses.
    data : object
        What :func:`json.loads` returned.

    Raises
    ------
    InputError
        The first field that is not what it should be, named by its path.
    """
    result: T = _decode(kind, data, "")
    return result


def _decode(kind: Any, data: Any, path: str) -> Any:
    if dataclasses.is_dataclass(kind):
        return _decode_fields(kind, data, path)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return data if data in arguments else _refuse(path, data)
    if origin in (Union, types.UnionType):
        return _decode_union(arguments, data, path)
    if origin is tuple:
        return _decode_tuple(arguments, data, path)
    if kind is float:
        number = type(data) in (int, float) and math.isfinite(data)
        return float(data) if number else _refuse(path, data)
    return data if type(data) is kind else _refuse(path, data)


def _decode_fields(kind: Any, data: Any, path: str) -> Any:
    if not isinstance(data, dict):
        _refuse(path, data)
    hints = typing.get_type_hints(kind)
    values = {
        field.name: _decode(hints[field.name], data[field.name], _join(path, field))
        for field in dataclasses.fields(kind)
        if field.name in data
    }
    try:
        value = kind(**values)
    except InputError:
        raise
    except (TypeError, ValueError) as error:
        raise InputError(f"The entry “{path or 'top'}” is incomplete.") from error
    return value.verified() if hasattr(value, "verified") else value


def _decode_union(kinds: tuple[Any, ...], data: Any, path: str) -> Any:
    if data is None and type(None) in kinds:
        return None
    for kind in kinds:
        if kind is not type(None):
            try:
                return _decode(kind, data, path)
            except InputError:
                continue
    return _refuse(path, data)


def _decode_tuple(kinds: tuple[Any, ...], data: Any, path: str) -> Any:
    if not isinstance(data, list):
        _refuse(path, data)
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(data)
    if len(kinds) != len(data):
        _refuse(path, data)
    return tuple(
        _decode(kind, item, f"{path}[{i}]")
        for i, (kind, item) in enumerate(zip(kinds, data, strict=True))
    )


def _join(path: str, field: dataclasses.Field[Any]) -> str:
    return f"{path}.{field.name}" if path else field.name


def _refuse(path: str, data: Any) -> typing.NoReturn:
    is_text = isinstance(data, str)
    shown = data if is_text else json.dumps(data, ensure_ascii=False)  # as in the file
    shown = shown if len(shown) < 40 else shown[:40] + "…"
    shown = f"“{shown}”" if is_text else shown
    raise InputError(f"The entry “{path or 'top'}” cannot be {shown}.")
