"""data/sync.yaml as one frozen model; every problem of a file is found at once, with its line, YAML path and rule.

`load` reads one file; everything else here is pure. What needs the sources or the default mappings as well (types of
mapped fields, a static list as inclusion segment) is checked where these are at hand, and reported in the same form.
"""

import hashlib
import json
from collections.abc import Collection, Iterable
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import PrivateAttr, field_validator

from schemas.config_output import Guards, Identity, Imports, Marketing, Retention
from schemas.config_parts import (
    DataSync,
    HoldBack,
    Integration,
    Lifecycle,
    Mapping,
    Night,
    Part,
    Resync,
    Rule,
    refuse,
    setting,
)
from schemas.config_problems import ConfigError, Problem, examine, placed
from schemas.config_rules import Default, basis_checks, cross_checks, default_checks
from schemas.config_sources import Sources
from schemas.config_yaml import lines_of, parse_yaml

__all__ = ["ConfigError", "Mapping", "Problem", "Rule", "SyncConfig", "load", "parse"]


class SyncConfig(Part):
    """The whole file. Attributes are the keys of design section 5."""

    timezone: str = setting(..., "IANA time zone; nights begin at midnight here", min_length=1)
    start: Night = setting(..., "the first night there is")
    sources: Sources = setting(..., "where records come from")
    initial_sync: Literal["baseline", "full"] = setting(
        "baseline", "first night: record what is there, or trigger every linked pair", "P1-11"
    )
    integration: Integration = setting(Integration(), "the HubSpot-Salesforce integration")
    data_sync: list[DataSync] = setting([], "stage selection, one entry an app", "P1-01")
    mappings: list[Mapping] = setting(
        [],
        "custom mappings, added to the 29 defaults; of a company's property or field, in the place of its default",
        "P1-21",
    )
    mapping_rules: dict[str, Rule] = setting({}, "another update rule for a default mapping", "P2-30")
    resync: list[Resync] = setting([], "manual triggers", "P2-14")
    hold_back: list[HoldBack] = setting([], "records or fields that are never touched")
    lifecycle: Lifecycle = setting(Lifecycle(), "lifecycle stages")
    marketing: Marketing = setting(Marketing(), "marketing contacts")
    imports: Imports = setting(Imports(), "import files")
    guards: Guards = setting(Guards(), "what stops a night")
    retention: Retention = setting(Retention(), "how long nights are kept")
    identity: Identity = setting(Identity(), "who is who beyond the e-mail")
    _file: str = PrivateAttr("sync.yaml")
    _lines: dict[str, int] = PrivateAttr(default_factory=dict)

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise refuse("design 5", "is not an IANA time zone such as Europe/Oslo") from None
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which nights begin."""
        return ZoneInfo(self.timezone)

    def placed(self, problems: Iterable[Problem]) -> list[Problem]:
        """The problems with their lines in the file that this was read from, in its order, each once."""
        return placed(list(problems), self._lines)

    def refusal(self, problems: Iterable[Problem]) -> ConfigError:
        """What was found wrong later, beside the sources, as an error that names the file and the lines as `load` does."""
        return ConfigError(self.placed(problems), self._file)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the effective values: the same for two files that say the same, wherever they lie."""
        values = self.model_dump(mode="json")
        return hashlib.sha256(json.dumps(values, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def load(path: Path | str, defaults: Iterable[Default] = (), bases: Collection[str] = ()) -> SyncConfig:
    """Read and check one sync.yaml. Raises ConfigError with every problem at once, a missing file included.

    `defaults` are the (property, field, object) of the default mappings, against which custom ones are checked too; `bases` are
    HubSpot's legal bases, letter for letter, where they are to be checked (P2-9F).
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError([Problem("-", f"cannot be read: {error.strerror}")], str(path)) from None
    except UnicodeDecodeError:
        raise ConfigError([Problem("-", "is not UTF-8 text")], str(path)) from None
    return parse(text, file.resolve().parent, str(path), defaults, bases)


def parse(
    text: str,
    folder: Path = Path(),
    file: str = "sync.yaml",
    defaults: Iterable[Default] = (),
    bases: Collection[str] = (),
) -> SyncConfig:
    """The configuration that a text says; paths in it are read against `folder`. Raises ConfigError."""
    data, broken = parse_yaml(text)
    if broken:
        raise ConfigError([Problem(path, message, None, line) for path, message, line in broken], file)
    known = list(defaults)

    def cross(config: SyncConfig) -> list[Problem]:
        return cross_checks(config) + default_checks(config, known) + basis_checks(config, bases)

    config, problems = examine(SyncConfig, data, folder, cross)
    lines = lines_of(text)
    if config is None or problems:
        raise ConfigError(placed(problems, lines), file)
    config._file, config._lines = file, lines
    return config
