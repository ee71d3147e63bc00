"""Small YAML and TOML files that people write or copy, read without trusting them: whatever they hold costs little time and memory."""

import sys
from dataclasses import dataclass

import yaml

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LARGEST = 65536
"""Bytes of a file of settings; the longest shipped one has a tenth of it."""

Loader = type[yaml.CSafeLoader] | type[yaml.CBaseLoader]


@dataclass(frozen=True, slots=True)
class Bounds:
    """`deepest` levels of lists and tables, and at most `values`, where each alias counts with all that it stands for."""

    deepest: int = 12
    values: int = 20_000
    aliases: bool = True


BOUNDS = Bounds()


def load_yaml(content: bytes, loader: Loader, bounds: Bounds = BOUNDS) -> object:
    """The content of a file.

    Raises:
        yaml.YAMLError, ValueError: it is not YAML, is beyond the bounds, or holds a value that its type does not admit.
    """
    _require_bounded(content, loader, bounds)
    try:
        return yaml.load(content, loader)  # noqa: S506 - both loaders make plain values only
    except (LookupError, AttributeError, TypeError, OverflowError) as error:  # such as `!!int ""`
        raise ValueError(f"a value does not have the type that is stated ({error})") from error


def _require_bounded(content: bytes, loader: Loader, bounds: Bounds) -> None:
    """A small file can stand for a very large one: aliases of aliases, or merge keys of tables that merge others."""
    sizes: dict[str, int] = {}
    open_: list[tuple[str | None, int]] = [(None, 0)]
    for event in yaml.parse(content, loader):
        line = event.start_mark.line + 1 if event.start_mark else 0
        anchor, size = (event.anchor, 1) if isinstance(event, yaml.NodeEvent) else (None, 0)
        if isinstance(event, yaml.AliasEvent):
            if not bounds.aliases:
                raise yaml.YAMLError(f"line {line}: aliases (*) are not read, write the text out")
            size = sizes.get(anchor or "", bounds.values + 1)  # of itself: without end
        elif isinstance(event, yaml.CollectionStartEvent):
            open_.append((anchor, size))
            if len(open_) > bounds.deepest + 1:
                raise yaml.YAMLError(f"line {line}: more than {bounds.deepest} levels")
            continue
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, size = open_.pop()
        if anchor is not None and not isinstance(event, yaml.AliasEvent):
            sizes[anchor] = size
        parent, so_far = open_.pop()
        open_.append((parent, so_far + size))
        if so_far + size > bounds.values:
            raise yaml.YAMLError(f"line {line}: more than {bounds.values} values")


def load_toml(content: bytes, deepest: int = BOUNDS.deepest) -> dict[str, object]:
    """The content of a file.

    Raises:
        ValueError: it is not TOML, or has more than `deepest` levels.
    """
    try:
        table: dict[str, object] = tomllib.loads(content.decode())
    except RecursionError:
        raise ValueError(f"more than {deepest} levels") from None
    level: list[object] = [table]
    for _ in range(deepest + 1):
        level = [inner for each in level for inner in _inner(each)]
    if level:
        raise ValueError(f"more than {deepest} levels")
    return table


def _inner(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []
