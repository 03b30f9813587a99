"""Applications and application versions. The fields are named after the members of AWS's responses."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import yaml

from . import bundles
from .options import Settings
from .tables import table


@dataclass
class ApplicationVersion:
    """An application version. It stores the bucket and the key of its bundle, but not the content."""

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
        """The content of the S3 object. None: the object does not exist, or the version is the sample application."""
        stored = bundles.find(self.account, self.source_bundle) if self.source_bundle else None
        return None if stored is None else bytes(stored.value)

    def is_sound(self) -> bool:
        """Whether the processing succeeds. Processing checks only the syntax of configuration files and of env.yaml."""
        bundle = self.bundle
        return bundle is None or bundles.configuration_is_sound(bundle)

    def settings(self) -> list[dict[str, str]]:
        """Returns the settings in the bundle's `.ebextensions`. Raises InvalidParameterValue if they are malformed."""
        bundle = self.bundle
        return [] if bundle is None else bundles.settings(bundle, self.version_label)

    def answers(self) -> bool | None:
        """Whether the application can answer requests for `/`.

        None: the bundle does not exist, or instances cannot unpack it. A version without a source bundle is AWS's
        sample application, which can answer requests.
        """
        if self.source_bundle is None:
            return True
        bundle, is_jar = self.bundle, self.source_bundle["S3Key"].lower().endswith(".jar")
        return bundles.answers(bundle) if bundle is not None and (is_jar or bundles.unzips(bundle)) else None


@dataclass
class Template:
    """A saved configuration."""

    arn: str
    application_name: str
    template_name: str
    description: str | None
    solution_stack_name: str
    settings: Settings
    date_created: datetime
    date_updated: datetime

    @property
    def key(self) -> str:
        return f"resources/templates/{self.application_name}/{self.template_name}"

    def file(self, platform: str) -> str:
        """Returns the content of the template's file (developer guide, "Saved configuration object format")."""
        listed: dict[str, dict[str, str]] = {}
        for (namespace, name), value in self.settings.items():
            listed.setdefault(namespace, {})[name] = value
        dates = {"DateCreated": str(self.date_created), "DateModified": str(self.date_updated)}
        saved = {
            "EnvironmentConfigurationMetadata": dates | {"Description": self.description},
            "Platform": {"PlatformArn": f"arn:aws:elasticbeanstalk:{self.arn.split(':')[3]}::platform/{platform}"},
            "OptionSettings": listed,
            "EnvironmentTier": {"Name": "WebServer", "Type": "Standard"},
            "AWSConfigurationTemplateVersion": "1.1.0.0",
        }
        return yaml.safe_dump(saved)


@dataclass
class Application:
    arn: str
    name: str
    description: str | None
    date_created: datetime
    date_updated: datetime
    labelled: dict[str, ApplicationVersion] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)
    resource_lifecycle_config: Any = field(default_factory=lambda: table("defaults")["lifecycle"])

    @property
    def versions(self) -> list[str]:
        return list(reversed(self.labelled))

    @property
    def configuration_templates(self) -> list[str]:
        return list(self.templates)
