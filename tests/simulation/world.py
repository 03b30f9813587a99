"""A small model of Beanstalk for the simulation of deployments."""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime

from tests.simulation.chance import Chance, Clock
from tests.simulation.environment import ModelEnvironment, Quirks, Shape
from tests.simulation.uploads import Content, ModelBucket
from wardrop.environments.model import Environment, Event, Instance
from wardrop.environments.version import ApplicationVersion
from wardrop.errors import NotNow, Refused


class ModelBeanstalk:
    """Replaces the adapter `Beanstalk`. Calls may be throttled, or their answers may get lost."""

    def __init__(self, shapes: Mapping[str, Shape], clock: Clock, chance: Chance, quirks: Quirks) -> None:
        self.clock, self.chance, self.quirks, self.bucket = clock, chance, quirks, ModelBucket(clock)
        self.bad: set[str] = set()
        self.types: dict[str, str] = {}
        """The instance types that the files of versions set, by label."""

        self.made: dict[str, datetime] = {}
        """The time of creation of the versions that Wardrop made, by label."""

        self.contents: dict[str, Content] = {}
        """By label."""

        self._ids = itertools.count(1)
        self.models = {name: ModelEnvironment(name, self, shape) for name, shape in shapes.items()}

    def next_id(self, kind: str) -> str:
        return f"{kind}-{next(self._ids)}"

    def proceed(self) -> None:
        for model in self.models.values():
            model.proceed()

    def throttle(self) -> None:
        if self.chance.strikes(0.2):
            raise NotNow("Rate exceeded")

    def _look(self, name: str) -> ModelEnvironment:
        self.throttle()
        model = self.models[name]
        model.proceed()
        if not model.exists:
            raise Refused(f"No Environment found for EnvironmentName = '{name}'.")
        return model

    def environments(self, names: list[str]) -> dict[str, Environment]:
        self.throttle()
        self.proceed()
        return {name: self.models[name].described() for name in names if self.models[name].exists}

    def environments_of(self, _application: str) -> dict[str, Environment]:
        self.proceed()
        return {name: model.described() for name, model in self.models.items() if model.exists}

    def has_application(self, _name: str) -> bool:
        return True

    def create_version(self, _application: str, label: str, _description: str, _bucket: str, key: str) -> bool:
        """False: the version exists with another bundle."""
        content = self.bucket.content_of(key)
        if self.contents.setdefault(label, content) != content:
            return False
        self.made.setdefault(label, self.clock.now)
        if content.is_bad:
            self.bad.add(label)
        if content.instance_type:
            self.types[label] = content.instance_type
        return True

    def events(self, environment: str, since: datetime) -> list[Event]:
        return [event for event in self._look(environment).shown_events() if event.at >= since]

    def instances(self, environment: str) -> tuple[Instance, ...]:
        return self._look(environment).reported_instances()

    def settings(self, _application: str, environment: str) -> dict[tuple[str, str], str]:
        return dict(self._look(environment).options)

    def refers_to(self, _application: str, _label: str, _bucket: str, _key: str) -> bool:
        return True

    def version(self, application: str, label: str) -> ApplicationVersion:
        return ApplicationVersion(application=application, label=label, created_at=datetime(2026, 1, 1, tzinfo=UTC))

    def update(self, environment_id: str, label: str) -> str:
        return self._change(environment_id, label, {})

    def configure(self, environment_id: str, options: dict[str, str]) -> str:
        return self._change(environment_id, None, options)

    def _change(self, environment_id: str, label: str | None, options: dict[str, str]) -> str:
        if self.chance.strikes(0.3):
            raise TimeoutError("the request was lost")
        model = next((candidate for candidate in self.models.values() if candidate.id == environment_id), None)
        if model is None:
            raise Refused(f"No Environment found for EnvironmentId = '{environment_id}'.")
        request_id = model.change(label=label, options=options, ours=True)
        if self.chance.strikes(0.3):
            raise TimeoutError("the answer was lost, but the update has begun")
        return request_id
