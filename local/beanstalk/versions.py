"""Applications and their versions. The fields have the names that AWS's answers give them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from . import bundles
from .tables import table


@dataclass
class ApplicationVersion:
    """A label for a bundle. It has bucket and key, not the bytes."""

    account: str
    arn: str
    application_name: str
    version_label: str
    description: str | None
    source_bundle: dict[str, str] | None
    date_created: datetime
    date_updated: datetime
    status: str = "UNPROCESSED"

    @property
    def bundle(self) -> bytes | None:
        """The current S3 object. None if it cannot be read, or if the version is AWS's sample application."""
        found = bundles.find(self.account, self.source_bundle) if self.source_bundle else None
        return None if found is None else bytes(found.value)

    def is_sound(self) -> bool:
        """Processing checks the syntax of configuration files and of env.yaml, not the application."""
        bundle = self.bundle
        return bundle is None or bundles.configuration_is_sound(bundle)

    def settings(self) -> list[dict[str, str]]:
        """The settings of its `.ebextensions`. Raises InvalidParameterValue, as does the call that deploys it."""
        bundle = self.bundle
        return [] if bundle is None else bundles.settings(bundle, self.version_label)

    def answers(self) -> bool | None:
        """Whether its bundle can answer at `/`; None when it cannot be read.

        A version made without a source bundle is AWS's sample application.
        """
        if self.source_bundle is None:
            return True
        bundle = self.bundle
        return None if bundle is None else bundles.answers(bundle)


@dataclass
class Application:
    arn: str
    name: str
    description: str | None
    date_created: datetime
    date_updated: datetime
    labelled: dict[str, ApplicationVersion] = field(default_factory=dict)
    resource_lifecycle_config: Any = field(default_factory=lambda: table("defaults")["lifecycle"])

    @property
    def versions(self) -> list[str]:
        return list(reversed(self.labelled))
