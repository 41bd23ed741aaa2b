"""Settings from the environment, and the layout of the home folder."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Home:
    """`$TRAINWRIGHT_HOME`: everything the platform keeps."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def runs(self) -> Path:
        """Run directories: `<run id>/`."""
        return self.path / "runs"

    @property
    def objects(self) -> Path:
        """What the object store keeps."""
        return self.path / "objects"

    @property
    def logs(self) -> Path:
        """The platform's own logs: api.log, worker.log, temporal.log."""
        return self.path / "logs"

    @property
    def run_logs(self) -> Path:
        """Logs of runs as they were ingested: `<run id>.log`."""
        return self.path / "run-logs"

    @property
    def datasets(self) -> Path:
        """Downloaded sample datasets."""
        return self.path / "datasets"

    @property
    def uploads(self) -> Path:
        """Datasets that were uploaded: `<dataset id>/<name>/`."""
        return self.path / "uploads"

    @property
    def incoming(self) -> Path:
        """Archives that have not come whole yet: `<id of the dataset to be>/`."""
        return self.path / "incoming"

    @property
    def plugins(self) -> Path:
        """The user's own models and datasets, as Python files."""
        return self.path / "plugins"

    @property
    def cache(self) -> Path:
        """What may be deleted at any time."""
        return self.path / "cache"

    @property
    def database(self) -> Path:
        """SQLite, where no `DATABASE_URL` names another."""
        return self.path / "trainwright.db"

    @property
    def temporal_database(self) -> Path:
        """The embedded Temporal server's."""
        return self.path / "temporal.db"

    @property
    def token(self) -> Path:
        """The owner's local API token, mode 0600."""
        return self.path / "token"

    @property
    def secrets(self) -> Path:
        """JWT secret and service token, mode 0600."""
        return self.path / "secrets.json"

    @property
    def platform(self) -> Path:
        """Where the running platform listens, and its processes."""
        return self.path / "platform.json"

    @property
    def lock(self) -> Path:
        """Held by the one platform of this home."""
        return self.path / "platform.lock"


class Settings(BaseSettings):
    """Everything has a working default but the LLM keys. Names are the environment's, as is."""

    model_config = SettingsConfigDict(
        env_prefix="", extra="ignore", case_sensitive=False, env_ignore_empty=True
    )

    trainwright_home: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("trainwright", appauthor=False))
    )
    trainwright_url: str | None = Field(
        default=None, description="A platform elsewhere, for commands and Python to use."
    )
    trainwright_token: str | None = Field(default=None, description="The token to show there.")
    trainwright_api_url: str | None = Field(
        default=None, description="Where agents and workers reach the API; set by the supervisor."
    )
    trainwright_fetch_private: bool = Field(
        default=False,
        description="Whether images are also fetched by URL from loopback and private networks.",
    )
    trainwright_metrics_token: str | None = Field(
        default=None, repr=False, description="Lets Prometheus scrape /metrics."
    )
    trainwright_metrics_local: bool = Field(
        default=False, description="Whether /metrics is open to this machine without a token."
    )
    trainwright_price_per_hour: str | None = Field(
        default=None,
        pattern=r"^\d{1,9}(\.\d{1,6})? [A-Z]{3}$",
        description="What an hour of one device here costs, such as `2.50 USD`: plans tell costs.",
    )
    trainwright_web: Path | None = Field(
        default=None,
        description="Where the web app was built, if not in the package or its checkout.",
    )
    database_url: str | None = None
    redis_url: str | None = None
    trainwright_objects: Path | None = Field(
        default=None,
        description="A folder on another disk that mirrors what runs leave, without S3.",
    )
    s3_endpoint: str | None = Field(default=None, description="URL of an S3 server; default: AWS.")
    s3_bucket: str | None = Field(
        default=None, description="The bucket that mirrors what runs leave."
    )
    aws_access_key_id: str | None = None
    aws_secret_access_key: str | None = Field(default=None, repr=False)
    aws_session_token: str | None = Field(default=None, repr=False)
    aws_region: str = "us-east-1"
    temporal_host: str | None = None
    milvus_uri: str | None = None
    jwt_secret: str | None = None
    jwt_algorithm: str = "HS256"
    access_token_expire_minutes: int = Field(default=60, ge=1)
    trainwright_llm: Literal["auto", "anthropic", "openai", "off"] = Field(
        default="auto", description="Which language model helps to read sentences, if any."
    )
    trainwright_llm_timeout: float = Field(
        default=20,
        gt=0,
        le=600,
        description="Seconds a sentence may wait for it, retries included.",
    )
    anthropic_api_key: str | None = Field(default=None, repr=False)
    anthropic_base_url: str | None = None
    anthropic_model: str | None = None
    openai_api_key: str | None = Field(default=None, repr=False)
    openai_base_url: str | None = None
    openai_model: str | None = None

    @cached_property
    def home(self) -> Home:
        """The home folder's layout."""
        return Home(self.trainwright_home.expanduser().absolute())

    @property
    def database(self) -> str:
        """SQLAlchemy URL; the psycopg 3 driver for PostgreSQL."""
        if not self.database_url:
            return f"sqlite:///{self.home.database}"
        scheme, sep, rest = self.database_url.partition("://")
        if scheme in ("postgres", "postgresql"):
            return f"postgresql+psycopg{sep}{rest}"
        return self.database_url


def load() -> Settings:
    """Settings as the environment has them now."""
    return Settings()
