"""TOML files read strictly: an unknown key, a missing key or a value that is not allowed is refused with file and key path."""

import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from ikut_eval.contract.errors import ConfigurationError, nearest
from ikut_eval.contract.locale import LANGUAGES


@dataclass(frozen=True)
class TomlTable:
    """One table of a TOML file.

    Every method that reads a key raises ConfigurationError if the key is missing and has no default, or if its value is
    not allowed. The error names the file, the key path and what is allowed, and the nearest allowed word if there is one.

    Attributes
    ----------
    file : str – name of the file
    path : str – key path of the table, for example "family.reach"; empty for the whole file
    content : mapping of str to object – keys and values as they are written
    """

    file: str
    path: str
    content: Mapping[str, Any]

    def __contains__(self, key: str) -> bool:
        return key in self.content

    def key_path(self, key: str) -> str:
        """Return the path of a key from the top of the file."""
        return f"{self.path}.{key}" if self.path else key

    def check_keys(self, known: Collection[str], *, required: Iterable[str] = ()) -> None:
        """Refuse a key that is not in `known`, and a table without one of `required`."""
        for key in self.content:
            if key not in known:
                raise self.unknown_key(key, known)
        for key in required:
            self.value(key)

    def unknown_key(self, key: str, known: Collection[str]) -> ConfigurationError:
        """Return the error for a key that is not in `known`, with the one that it nearly is."""
        hint = {"file": self.file, "key": self.key_path(key), "keys": ", ".join(known)}
        near = nearest(key, known)
        return ConfigurationError("nearly_known_setting", near=near, **hint) if near else ConfigurationError("unknown_setting", **hint)

    def value(self, key: str, default: Any = None) -> Any:
        """Return a value of any kind; a key without a default must be there."""
        if key not in self.content and default is None:
            raise ConfigurationError("missing_setting", file=self.file, key=self.key_path(key))
        return self.content.get(key, default)

    def table(self, key: str) -> "TomlTable":
        """Return the table under a key; an empty one where there is no such key."""
        value = self.content.get(key, {})
        if not isinstance(value, Mapping):
            raise self.wrong_kind(key, f"[{self.key_path(key)}]")
        return TomlTable(self.file, self.key_path(key), value)

    def tables(self) -> dict[str, "TomlTable"]:
        """Return every key with its table; all values must be tables."""
        return {key: self.table(key) for key in self.content}

    def array(self, key: str) -> list["TomlTable"]:
        """Return the tables that are written as ``[[key]]``, in their order."""
        value = self.content.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
            raise self.wrong_kind(key, f"[[{self.key_path(key)}]]")
        return [TomlTable(self.file, f"{self.key_path(key)}[{number}]", each) for number, each in enumerate(value, start=1)]

    def string(self, key: str, default: str | None = None) -> str:
        """Return a string that is not empty."""
        value = self.value(key, default)
        if not isinstance(value, str) or not value:
            raise self.wrong_kind(key, f'{key} = "…"')
        return value

    def words(self) -> dict[str, str]:
        """Return the table's text in each language."""
        return {language: self.string(language) for language in LANGUAGES}

    def choice(self, key: str, choices: Collection[str], default: str | None = None) -> str:
        """Return a text that is one of `choices`."""
        value = self.value(key, default)
        if not isinstance(value, str) or value not in choices:
            raise self.not_allowed(key, choices, value)
        return value

    def several(self, key: str, choices: Collection[str], default: Collection[str] | None = None) -> tuple[str, ...]:
        """Return a list of texts that are all in `choices`; it may be empty."""
        values = self.value(key, default)
        if not isinstance(values, list | tuple):
            example = ", ".join(f'"{choice}"' for choice in choices)
            raise self.wrong_kind(key, f"{key} = [{example}]")
        for value in values:
            if not isinstance(value, str) or value not in choices:
                raise self.not_allowed(key, choices, value)
        return tuple(values)

    def boolean(self, key: str, default: bool | None = None) -> bool:
        """Return true or false."""
        value = self.value(key, default)
        if not isinstance(value, bool):
            raise self.not_allowed(key, ("true", "false"))
        return value

    def whole(self, key: str) -> int:
        """Return a whole number of at least 1."""
        value = self.value(key)
        if type(value) is not int or value < 1:
            raise self.not_allowed(key, ("1, 2, 3, …",))
        return value

    def number(self, key: str, allowed: str, default: float | None = None, *, within: Callable[[float], bool]) -> float:
        """Return a finite number that `within` accepts; `allowed` says for the error which numbers these are."""
        value = self.value(key, default)
        if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value) or not within(value):
            raise self.not_allowed(key, (allowed,))
        return float(value)

    def wrong_kind(self, key: str, example: str) -> ConfigurationError:
        """Return the error for a value of the wrong kind; `example` shows in TOML how it is written."""
        return ConfigurationError("wrong_setting", file=self.file, key=self.key_path(key), example=example)

    def not_allowed(self, key: str, choices: Collection[str], value: object = None) -> ConfigurationError:
        """Return the error for a value that is not one of `choices`, with the choice that `value` nearly is."""
        hint = {"file": self.file, "key": self.key_path(key), "choices": ", ".join(choices)}
        near = nearest(value, choices)
        return ConfigurationError("setting_nearly_allowed", near=near, **hint) if near else ConfigurationError("setting_choice", **hint)


def parse_toml(content: bytes, *, file: str) -> TomlTable:
    """Return the content of a TOML file.

    Raises
    ------
    ConfigurationError
        If it is not TOML in UTF-8; names `file`.
    """
    try:
        return TomlTable(file, "", tomllib.loads(content.decode("utf-8")))
    except ValueError as problem:
        raise ConfigurationError("settings_not_toml", file=file) from problem


def read_toml(path: Path) -> TomlTable:
    """Read a TOML file that belongs to the program.

    Raises
    ------
    ConfigurationError
        If it is missing or is not TOML; names the file.
    """
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise ConfigurationError("schema_missing_file", file=path.name) from problem
    return parse_toml(content, file=path.name)
