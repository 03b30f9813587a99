"""Operations that change or list environments."""

from datetime import UTC
from functools import partial
from typing import Any

from local.beanstalk import platforms
from local.beanstalk.configuration import ConfigurationUpdate
from local.beanstalk.deployments import ApplicationDeployment
from local.beanstalk.environments import SAMPLE_APPLICATION, Environment
from local.beanstalk.exceptions import ConfigurationValidationException, InvalidParameterValue
from local.beanstalk.maintenance import Creation, Rebuild, Restart, Swap, TagUpdate, Termination
from local.beanstalk.models import TERMINATED_LISTED_SECONDS, matching
from local.beanstalk.options import BALANCER_TYPE
from local.beanstalk.policies import roll_out
from local.beanstalk.replacement import Replacement, refusal
from local.beanstalk.tables import table

from .request import CLUSTER, Request


class Environments(Request):
    def create_environment(self) -> object:
        application, label = self.backend.application(self.given["ApplicationName"]), self.given.get("VersionLabel")
        version = self.backend.version(application.name, label) if label is not None else None
        bundled = version.settings() if version is not None else []
        environment = self.backend.add_environment(self.given)
        about: dict[str, Any] = {"environment": environment, "request_id": self.request_id}
        environment.start(Creation(**about, version=version, bundled=bundled))
        return environment.requested(label)

    def describe_environments(self) -> object:
        """Lists environments, including terminated environments unless IncludeDeleted is false."""
        listed = [environment.visible() for environment in reversed(self.backend.environments.values())]
        if self.given.get("IncludeDeleted", True):
            clock, since = self.backend.service.clock, self.given.get("IncludedDeletedBackTo")
            listed += [
                each
                for each in reversed(self.backend.terminated)
                if (
                    each.date_updated >= since.replace(tzinfo=UTC)
                    if since
                    else clock.seconds_since(each.date_updated) < TERMINATED_LISTED_SECONDS
                )
            ]
        return self.page("Environments", matching(listed, self.given))

    def update_environment(self) -> object:
        environment = self.backend.environment(self.given)
        given = self.backend.with_template(environment.application_name, self.given)
        label = given.get("VersionLabel")
        version = self.backend.version(environment.application_name, label) if label is not None else None
        stack = platforms.solution_stack(given, environment.solution_stack_name)
        self.must_be(environment.status == "Ready", environment, "Ready")
        if given.get("Tier", environment.tier).get("Name") != environment.tier["Name"]:
            raise InvalidParameterValue("The tier of an environment cannot be changed.")  # the wording is unknown
        if version is not None and environment.tier["Name"] == CLUSTER:
            raise InvalidParameterValue("The environment takes no source bundles.")  # the wording is unknown
        configuration = environment.configuration.changed(given)
        if BALANCER_TYPE in environment.configuration.differing(configuration):
            raise ConfigurationValidationException("LoadBalancer type option cannot be changed.")
        about: dict[str, Any] = {"environment": environment, "request_id": self.request_id}
        about |= {"configuration": configuration, "solution_stack_name": stack}
        if version is not None:
            sent = [(option["Namespace"], option["OptionName"]) for option in given.get("OptionSettings", ())]
            bundled = version.settings()
            update: Replacement = ApplicationDeployment(
                **about, version=version, bundled=bundled, sent=sent, roll_out=roll_out
            )
        else:
            update = ConfigurationUpdate(**about)
            if event := refusal(update, deploys=False):
                raise ConfigurationValidationException(table("events")[event]["message"])
        environment.description = given.get("Description", environment.description)
        environment.start(update)
        return environment.requested(label or environment.version_label)

    def abort_environment_update(self) -> None:
        environment = self.backend.environment(self.given)
        self.must_be(environment.abortable_operation_in_progress, environment, "pending deployment")
        if environment.update is not None:
            environment.update.abort()

    def terminate_environment(self) -> object:
        environment = self.backend.environment(self.given)
        if environment.status != "Ready":
            text = f"Cannot terminate environment named {environment.name}. It is currently pending deployment."
            raise InvalidParameterValue(text)
        about: dict[str, Any] = {"environment": environment, "request_id": self.request_id}
        environment.start(Termination(**about, archive=partial(self.backend.archive, environment)))
        return environment.requested(None)

    def rebuild_environment(self) -> None:
        """Rebuilds an environment. A terminated environment gets new resources."""
        environment = self.backend.restored(self.given)
        if environment.status != "Terminated":
            self.ready(environment)
        label = environment.version_label
        sample = label in (None, SAMPLE_APPLICATION)
        version = None if sample else self.backend.version(environment.application_name, str(label))
        bundled = version.settings() if version is not None else []
        about: dict[str, Any] = {"environment": environment, "request_id": self.request_id}
        environment.start(Rebuild(**about, version=version, bundled=bundled))

    def restart_app_server(self) -> None:
        environment = self.ready(self.backend.environment(self.given))
        environment.start(Restart(environment=environment, request_id=self.request_id))

    def swap_environment_cnames(self) -> None:
        source, destination = (
            self.ready(self.backend.environment({name: value for name, value in named.items() if value}))
            for named in (
                {key: self.given.get(f"{side}{key}") for key in ("EnvironmentName", "EnvironmentId")}
                for side in ("Source", "Destination")
            )
        )
        source.start(Swap(environment=source, request_id=self.request_id, other=destination))

    def check_dns_availability(self) -> object:
        cname = f"{self.given['CNAMEPrefix']}.{self.backend.region_name}.elasticbeanstalk.com".lower()
        taken = any(each.cname == cname for each in self.backend.environments.values())
        return {"Available": not taken, "FullyQualifiedCNAME": cname}

    def update_tags_for_resource(self) -> None:
        """Changes the tags of a resource. If the resource is an environment, the change is an update."""
        arn = self.given["ResourceArn"]
        resource = self.backend.resource(arn)
        if isinstance(resource, Environment):
            self.ready(resource)
        self.backend.tag(arn, self.given.get("TagsToAdd", ()), self.given.get("TagsToRemove", ()))
        if isinstance(resource, Environment):
            resource.start(TagUpdate(environment=resource, request_id=self.request_id))

    def list_tags_for_resource(self) -> object:
        arn = self.given["ResourceArn"]
        self.backend.resource(arn)
        tags = self.backend.tags.get(arn, {})
        return {"ResourceArn": arn, "ResourceTags": [{"Key": key, "Value": tags[key]} for key in sorted(tags)]}
