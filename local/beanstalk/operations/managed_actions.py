"""Operations on managed platform updates.

AWS starts these updates in a weekly window, but here, only an API call does.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from local.beanstalk import platforms
from local.beanstalk.configuration import ManagedUpdate
from local.beanstalk.environments import Environment
from local.beanstalk.exceptions import BeanstalkError

from .request import Request

MANAGED = "aws:elasticbeanstalk:managedactions"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class ManagedActions(Request):
    def describe_environment_managed_actions(self) -> object:
        environment = self.backend.environment(self.given)
        actions = [*_of(environment)]
        return {
            "ManagedActions": [each for each in actions if self.given.get("Status", each["Status"]) == each["Status"]]
        }

    def describe_environment_managed_action_history(self) -> object:
        """Lists the managed updates that have ended."""
        items = [
            _about(update.action_id, update.solution_stack_name)
            | {"Status": "Completed" if update.successful else "Failed"}
            | ({} if update.successful else {"FailureType": "RollbackSuccessful"})
            | {"ExecutedTime": update.started, "FinishedTime": update.ended}
            for update in reversed(self.backend.environment(self.given).managed_updates)
            if update.ended is not None
        ]
        return self.page("ManagedActionHistoryItems", items, self.given.get("MaxItems"))

    def apply_environment_managed_action(self) -> object:
        environment = self.backend.environment(self.given)
        for action in _of(environment):
            if (action["ActionId"], action["Status"]) == (self.given["ActionId"], "Scheduled"):
                update = ManagedUpdate(
                    environment=self.ready(environment),
                    request_id=self.request_id,
                    configuration=environment.configuration,
                    solution_stack_name=platforms.newest(environment.solution_stack_name),
                    action_id=action["ActionId"],
                )
                environment.managed_updates.append(update)
                environment.start(update)
                return action | {"Status": "Running"}
        text = f"The managed action {self.given['ActionId']} is not scheduled."  # AWS's wording is not known
        raise BeanstalkError("ManagedActionInvalidStateException", text)


def _of(environment: Environment) -> list[dict[str, Any]]:
    """Returns the managed update to the newest version of the platform branch.

    The list is empty if managed updates are not enabled, or if the environment already has this version.
    """
    newest, settings = platforms.newest(environment.solution_stack_name), environment.settings
    if settings.get((MANAGED, "ManagedActionsEnabled")) != "true" or newest == environment.solution_stack_name:
        return []
    about = _about(str(uuid.uuid5(uuid.NAMESPACE_URL, f"{environment.arn}/{newest}")), newest)
    status = "Running" if isinstance(environment.update, ManagedUpdate) else "Scheduled"
    window = _next(environment.now(), settings.get((MANAGED, "PreferredStartTime"), "Sun:00:00"))
    return [about | {"Status": status, "WindowStartTime": window}]


def _about(action_id: str, stack: str) -> dict[str, Any]:
    version = platforms.platform(stack).rpartition("/")[2]
    description = f"Platform update to version {version}"  # AWS's wording is not known
    return {"ActionId": action_id, "ActionType": "PlatformUpdate", "ActionDescription": description}


def _next(now: datetime, weekly: str) -> datetime:
    """Returns the next start of a weekly window such as `Tue:09:00`, in UTC."""
    day, hour, minute = weekly.split(":")
    start = now.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    start += timedelta(days=(DAYS.index(day.title()) - now.weekday()) % 7)
    return start if start > now else start + timedelta(days=7)
