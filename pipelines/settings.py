"""The environment, read once. Nothing below `pipelines` looks at it.

`.env` in the project's folder, written by `make setup`, gives the Dagster home that the command line and the UI share.
Secrets of `kind: api` are read where the clients are made; they never become part of this object's text.
"""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parents[1]
REFERENCE = PROJECT / "data" / "reference"


class Settings(BaseSettings):
    """CROSSWALK_* and DAGSTER_HOME."""

    model_config = SettingsConfigDict(
        env_file=PROJECT / ".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    config: Path | None = Field(default=None, validation_alias="CROSSWALK_CONFIG")
    lake: Path | None = Field(default=None, validation_alias="CROSSWALK_LAKE")
    dagster_home: Path | None = Field(default=None, validation_alias="DAGSTER_HOME")
    schedule_running: bool = Field(default=False, validation_alias="CROSSWALK_SCHEDULE")
    schedule_hour: int = Field(default=2, ge=0, le=23, validation_alias="CROSSWALK_SCHEDULE_HOUR")
    late_hour: int = Field(default=6, ge=1, le=23, validation_alias="CROSSWALK_LATE_HOUR")
    lock_seconds: float = Field(default=3600, ge=0, validation_alias="CROSSWALK_LOCK_SECONDS")
    alert_command: str | None = Field(default=None, validation_alias="CROSSWALK_ALERT_COMMAND", repr=False)
    alert_webhook: str | None = Field(default=None, validation_alias="CROSSWALK_ALERT_WEBHOOK", repr=False)
    debug: bool = Field(default=False, validation_alias="CROSSWALK_DEBUG")

    def config_path(self, given: Path | None = None) -> Path:
        """The sync.yaml to use: as given, from the environment, or the project's own."""
        return given or self.config or PROJECT / "data" / "sync.yaml"

    def lake_path(self, given: Path | None = None, config: Path | None = None) -> Path:
        """The lake to use: as given, from the environment, or `lake` beside the sync.yaml."""
        return given or self.lake or self.config_path(config).resolve().parent / "lake"
