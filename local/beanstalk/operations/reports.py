"""Operations that read events, health and resources."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, timedelta
from typing import Any

from local.beanstalk import logs
from local.beanstalk.environments import Environment
from local.beanstalk.events import SEVERITIES
from local.beanstalk.exceptions import BeanstalkError
from local.beanstalk.fleet import total
from local.beanstalk.health import BAD, of_instance
from local.beanstalk.instances import Health, Instance
from local.beanstalk.models import matching
from local.beanstalk.tables import table

from .request import CLUSTER, EVER, Request

MOST_EVENTS = 1000


class Reports(Request):
    def describe_events(self) -> object:
        """Returns events of the requested `Severity` or higher. StartTime is inclusive, EndTime is exclusive."""
        start, end = (self.given.get(name, bound).replace(tzinfo=UTC) for name, bound in EVER.items())
        levels = SEVERITIES[SEVERITIES.index(self.given.get("Severity", "TRACE")) :]
        if age := self._age(self.given.get("EnvironmentName")):
            end = min(end, self.backend.service.now() - age)
        events = [e for e in self.backend.kept_events() if start <= e.event_date < end and e.severity in levels]
        return self.page("Events", matching(events, self.given), MOST_EVENTS)

    def _age(self, environment: str | None) -> timedelta:
        """The age of the reports, in real time. It is 0 unless the fault `stale-reports` is active."""
        service = self.backend.service
        stale = service.faults.strikes("stale-reports", environment)
        return timedelta(seconds=stale.parameters["seconds"] / service.clock.speed if stale else 0)

    def _refreshed(self, environment: Environment, report: Callable[[Environment], object]) -> object:
        """Returns a report, which is not made again while it is younger than the age of reports."""
        now, key = environment.now(), (report.__name__, *sorted(self.given.get("AttributeNames", ())))
        if key not in environment.reports or now - environment.reports[key][0] >= self._age(environment.name):
            environment.reports[key] = now, report(environment)
        return environment.reports[key][1]

    def describe_environment_health(self) -> object:
        return self._refreshed(self._enhanced("DescribeEnvironmentHealth"), self._environment_health)

    def _environment_health(self, environment: Environment) -> object:
        statuses = Counter(of_instance(environment, each).status for each in environment.instances)
        counted = {name: statuses[name] for name in ("NoData", "Unknown", "Pending", "Ok", "Info", *BAD)}
        report = {
            "EnvironmentName": environment.name,
            "Status": environment.status,
            "InstancesHealth": counted,
            "RefreshedAt": environment.now(),
        }
        return self._asked(report, environment.reported or Health("Unknown"), environment.instances)

    def describe_instances_health(self) -> object:
        return self._refreshed(self._enhanced("DescribeInstancesHealth"), self._instances_health)

    def _instances_health(self, environment: Environment) -> object:
        listed = []
        for instance in environment.instances:
            report = {
                "InstanceId": instance.id,
                "LaunchedAt": instance.launched_at,
                "System": table("defaults")["system"],
                "Deployment": instance.deployment,
                "AvailabilityZone": instance.availability_zone,
                "InstanceType": instance.type,
            }
            listed.append(self._asked(report, of_instance(environment, instance), [instance]))
        return {"InstanceHealthList": listed, "RefreshedAt": environment.now()}

    def _enhanced(self, action: str) -> Environment:
        environment = self.backend.environment(self.given)
        if not environment.enhanced or environment.tier["Name"] == CLUSTER:
            raise BeanstalkError("InvalidRequestException", f"{action} is not supported.")
        return environment

    def _asked(self, report: dict[str, Any], health: Health, instances: Sequence[Instance]) -> dict[str, Any]:
        """Returns the requested attributes.

        If no attributes are requested, the report contains only the name or the id.
        """
        fleet = self.backend.service.fleet
        whole = report | {"HealthStatus": health.status, "Color": health.color, "Causes": health.causes}
        whole["ApplicationMetrics"] = total(map(fleet.traffic, instances)).metrics
        asked = {next(iter(report)), *self.given.get("AttributeNames", ())}
        return whole if "All" in asked else {name: whole[name] for name in whole if name in asked}

    def request_environment_info(self) -> None:
        environment = self.backend.environment(self.given)
        self.must_be(environment.status == "Ready", environment, "Ready")
        environment.add_event("logs-requested", request_id=self.request_id)
        logs.write_tails(environment)

    def retrieve_environment_info(self) -> object:
        environment = self.backend.environment(self.given)
        return {"EnvironmentInfo": logs.tails(environment) if self.given["InfoType"] == "tail" else []}

    def describe_environment_resources(self) -> object:
        environment = self.backend.environment(self.given)
        resources = {
            "EnvironmentName": environment.name,
            "AutoScalingGroups": [{"Name": environment.group_name}],
            "Instances": [{"Id": instance.id} for instance in environment.instances],
            "LaunchConfigurations": [],
            "LaunchTemplates": [{"Id": f"lt-{environment.id[2:]}"}],
            "LoadBalancers": [] if environment.single else [{"Name": environment.load_balancer_name}],
            "Triggers": [],
            "Queues": [],
        }
        return {"EnvironmentResources": resources}
