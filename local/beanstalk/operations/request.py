"""A request, and the methods that all operations use."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.beanstalk.environments import Environment
from local.beanstalk.exceptions import InvalidParameterValue
from local.beanstalk.models import ElasticBeanstalkBackend
from local.beanstalk.options import Given

CLUSTER = "Cluster"
"""The environments of this tier run container images and report no instances (API reference, EnvironmentTier)."""

EVER = {"StartTime": datetime.min.replace(tzinfo=UTC), "EndTime": datetime.max.replace(tzinfo=UTC)}


@dataclass(frozen=True)
class Request:
    backend: ElasticBeanstalkBackend
    given: Given
    request_id: str

    def ready(self, environment: Environment) -> Environment:
        self.must_be(environment.status == "Ready", environment, "Ready")
        return environment

    @staticmethod
    def must_be(state: bool, environment: Environment, needed: str) -> None:
        if not state:
            text = f"Environment named {environment.name} is in an invalid state for this operation."
            raise InvalidParameterValue(f"{text} Must be {needed}.")

    def page(self, name: str, entries: list[Any], most: int | None = None) -> object:
        """Returns one page of a list. NextToken contains the number of remaining entries.

        New entries are inserted at the front, so they do not shift the next page. As in AWS, all other parameters must
        stay the same. If neither MaxRecords nor `most` is set, the page contains all entries.
        """
        left = len(entries)
        if "NextToken" in self.given:
            try:
                left = int(base64.b64decode(self.given["NextToken"]))
            except ValueError:
                raise InvalidParameterValue("The NextToken is not valid.") from None
        rest = entries[max(0, len(entries) - left) :]
        page = rest[: self.given.get("MaxRecords", most)]
        left = len(rest) - len(page)
        return {name: page, "NextToken": base64.b64encode(str(left).encode()).decode() if left else None}
