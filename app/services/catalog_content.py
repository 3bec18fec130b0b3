"""Published content back into frozen values, guided by their types."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def thaw(kind: type[T], value: object) -> T:
    """Build a frozen dataclass from the plain JSON values that it was turned into.

    A field that older content lacks gets its default; one that has none, or a value of another shape, is a ValueError.
    Keys that are not known are left alone, so that older code can read newer content.
    """
    if not is_dataclass(kind) or not isinstance(value, Mapping):
        raise ValueError(f"this is not a {kind.__name__}")
    hints = _hints(kind)
    found = {}
    for field in fields(kind):
        if field.name in value:
            found[field.name] = _thaw(hints[field.name], value[field.name], f"{kind.__name__}.{field.name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            raise ValueError(f"{kind.__name__}.{field.name} is missing")
    return kind(**found)


@cache
def _hints(kind: type) -> dict[str, Any]:
    # Reading hints costs more than reading the content, and a page reads content often.
    return get_type_hints(kind)


def _thaw(hint: Any, value: object, name: str) -> object:
    origin, inner = get_origin(hint), get_args(hint)
    if NoneType in inner:
        narrowed = next(one for one in inner if one is not NoneType)
        return None if value is None else _thaw(narrowed, value, name)
    if origin is tuple and isinstance(value, list):
        return tuple(_thaw(inner[0], one, name) for one in value)
    if origin is Mapping and isinstance(value, Mapping):
        return {str(key): _thaw(inner[1], one, name) for key, one in value.items()}
    if isinstance(hint, type) and is_dataclass(hint):
        return thaw(hint, value)
    if isinstance(hint, type) and issubclass(hint, StrEnum) and isinstance(value, str):
        return hint(value)
    # bool is an int to isinstance, and 1 is not True here.
    if hint in (str, int, bool) and type(value) is hint:
        return value
    raise ValueError(f"{name} has a value of another shape")
