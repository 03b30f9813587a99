"""One request, and what its operations have in common."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.beanstalk.environments import Environment
from local.beanstalk.exceptions import InvalidParameterValue
from local.beanstalk.models import ElasticBeanstalkBackend
from local.beanstalk.options import Given

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

    def page(self, name: str, found: list[Any], most: int | None = None) -> object:
        """A NextToken says how much is left, so that what is newer, and comes first, shifts no page.

        As in AWS, all other parameters have to stay the same. Without MaxRecords and `most` all comes at once.
        """
        left = len(found)
        if "NextToken" in self.given:
            try:
                left = int(base64.b64decode(self.given["NextToken"]))
            except ValueError:
                raise InvalidParameterValue("The NextToken is not valid.") from None
        rest = found[max(0, len(found) - left) :]
        page = rest[: self.given.get("MaxRecords", most)]
        left = len(rest) - len(page)
        return {name: page, "NextToken": base64.b64encode(str(left).encode()).decode() if left else None}
