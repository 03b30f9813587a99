"""The resources of one region: applications, application versions, and environments."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from moto.core.serialize import AttributePickerContext, XFormedAttributePicker

from . import bundles
from .environments import Environment
from .exceptions import BeanstalkError, InvalidParameterValue, MissingRequiredParameter
from .options import Given, validated
from .platforms import platform, solution_stack
from .service import EVENTS_KEPT, Region
from .tables import table
from .versions import Application, ApplicationVersion, Template

MOST_TAGS = 50
TERMINATED_LISTED_SECONDS = 3600
"""A terminated environment is still listed for this time, in simulated seconds.

AWS does not document this time. It is from reports of users.
"""

T = TypeVar("T")
_member = XFormedAttributePicker()
"""Reads an object's attribute that corresponds to a member of AWS's model."""


def matching(things: Iterable[T], given: Given) -> list[T]:
    """Returns the resources that match every filter of a request.

    A filter contains one or more names, ids, labels or ARNs.
    """
    result = list(things)
    for parameter, value in given.items():
        if filtered := re.fullmatch(r"(\w+(?:Name|Id|Label|Arn))s?", parameter):
            allowed = value if isinstance(value, list) else [value]
            result = [each for each in result if _member(AttributePickerContext(each, filtered[1], None)) in allowed]
    return result


def _of_eb_cli(given: Given) -> Given:
    """Returns the environment from which the EB CLI copies a configuration.

    The EB CLI names it instead of a template.
    """
    source: Given = given.get("TemplateSpecification", {}).get("TemplateSource", {})
    return source


class ElasticBeanstalkBackend(Region):
    """Finds and adds resources. The methods do not add events."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.applications: dict[str, Application] = {}
        self.environments: dict[str, Environment] = {}
        self._terminated: list[Environment] = []
        self.tags: dict[str, dict[str, str]] = {}
        """The tags of each resource, keyed by the resource's ARN."""

        self.quotas = dict(table("defaults")["quotas"])

    def create_bucket(self) -> str:
        s3 = bundles.storage(self.account_id)
        if self.bucket not in s3.buckets:
            s3.create_bucket(self.bucket, self.region_name)
        return self.bucket

    def application(self, name: str) -> Application:
        if name not in self.applications:
            raise InvalidParameterValue(f"No Application named '{name}' found.")
        return self.applications[name]

    def version(self, application: str, label: str) -> ApplicationVersion:
        if label not in self.application(application).labelled:
            raise InvalidParameterValue(f"No Application Version named '{label}' found.")
        return self.applications[application].labelled[label]

    def template(self, application: str, name: str) -> Template:
        if name not in self.application(application).templates:
            raise InvalidParameterValue(f"No Configuration Template named '{name}' found.")
        return self.applications[application].templates[name]

    def with_template(self, application: str, given: Given) -> Given:
        """Returns the request with the platform and the settings of its configuration template added.

        The request's own settings override the template's. `eb clone` names an environment instead of a template.
        """
        origin = _of_eb_cli(given)
        if "TemplateName" not in given and not origin:
            return given
        if origin:
            stack, settings = self.environment(origin).saved()
        else:
            template = self.template(application, given["TemplateName"])
            stack, settings = template.solution_stack_name, template.settings
        listed = [{"Namespace": each[0], "OptionName": each[1], "Value": settings[each]} for each in settings]
        stated = {} if "PlatformArn" in given else {"SolutionStackName": stack}
        return {**stated, **given, "OptionSettings": [*listed, *given.get("OptionSettings", ())]}

    def versions(self) -> list[ApplicationVersion]:
        """Returns all versions in the region, the newest first. AWS guarantees no order."""
        every = [version for application in self.applications.values() for version in application.labelled.values()]
        return sorted(every, key=lambda version: version.date_created, reverse=True)

    def environment(self, given: Given) -> Environment:
        """Returns the environment whose name or id is in the request."""
        names = ("EnvironmentName", "EnvironmentId", "ApplicationName")
        filters = {name: given[name] for name in names if name in given}
        if filters.keys() <= {"ApplicationName"}:
            raise MissingRequiredParameter("EnvironmentName or EnvironmentId is required.")
        for environment in matching(self.environments.values(), filters):
            return environment
        name, value = next(iter(filters.items()))
        raise InvalidParameterValue(f"No Environment found for {name} = '{value}'.")

    def archive(self, environment: Environment) -> None:
        """Makes the environment's name available again.

        The terminated environment can still be rebuilt for six weeks.
        """
        del self.environments[environment.name]
        self._terminated = [*self.terminated, environment]

    def restored(self, given: Given) -> Environment:
        """Returns the environment with this name or id. If only a terminated environment has this id, restores it."""
        for environment in matching(self.terminated, {name: given[name] for name in given if name == "EnvironmentId"}):
            if "EnvironmentId" in given:
                self._must_be_free(environment)
                self._terminated.remove(environment)
                self.environments[environment.name] = environment
        return self.environment(given)

    @property
    def terminated(self) -> list[Environment]:
        """The environments that were terminated within six weeks (guide, "Rebuilding environments")."""
        since = self.service.clock.seconds_since
        return [each for each in self._terminated if since(each.date_updated) < EVENTS_KEPT]

    def _must_be_free(self, environment: Environment) -> None:
        if environment.name in self.environments:
            raise InvalidParameterValue(f"Environment {environment.name} already exists.")
        if any(other.cname == environment.cname for other in self.environments.values()):
            raise InvalidParameterValue(f"DNS name ({environment.cname}) is not available.")

    def resource(self, arn: str) -> Any:
        """Returns the application, version, template or environment with this ARN."""
        resources: list[Any] = [*self.applications.values(), *self.versions(), *self.environments.values()]
        resources += [template for each in self.applications.values() for template in each.templates.values()]
        for resource in resources:
            if resource.arn == arn:
                return resource
        raise BeanstalkError("ResourceNotFoundException", f"Resource not found for arn '{arn}'.")

    def add_application(self, given: Given) -> Application:
        name, now = given["ApplicationName"], self.service.now()
        if name in self.applications:
            raise InvalidParameterValue(f"Application {name} already exists.")
        application = Application(self.arn("application", name), name, given.get("Description"), now, now)
        if "ResourceLifecycleConfig" in given:
            application.resource_lifecycle_config = given["ResourceLifecycleConfig"]
        self.tag(application.arn, given.get("Tags", ()))
        self.applications[name] = application
        return application

    def add_version(self, given: Given) -> ApplicationVersion:
        name, label, now = given["ApplicationName"], given["VersionLabel"], self.service.now()
        arn, source = self.arn("applicationversion", name, label), given.get("SourceBundle")
        version = ApplicationVersion(self.account_id, arn, name, label, given.get("Description"), source, now, now)
        self.tag(arn, given.get("Tags", ()))
        self.applications[name].labelled[label] = version
        return version

    def add_template(self, given: Given) -> Template:
        """Creates a configuration template.

        Its settings are from another template, an environment, or only the request.
        """
        application, name, now = self.application(given["ApplicationName"]), given["TemplateName"], self.service.now()
        if name in application.templates:
            raise InvalidParameterValue(f"Configuration Template {name} already exists.")
        stack, settings = None, {}
        if source := given.get("SourceConfiguration"):
            saved = self.template(source["ApplicationName"], source["TemplateName"])
            stack, settings = saved.solution_stack_name, saved.settings
        elif origin := {"EnvironmentId": given["EnvironmentId"]} if "EnvironmentId" in given else _of_eb_cli(given):
            stack, settings = self.environment(origin).saved()
        settings = settings | validated(given.get("OptionSettings", ()))
        arn, stack = self.arn("configurationtemplate", application.name, name), solution_stack(given, stack)
        template = Template(arn, application.name, name, given.get("Description"), stack, settings, now, now)
        self.tag(arn, given.get("Tags", ()))
        application.templates[name] = template
        self.save(template)
        return template

    def save(self, template: Template) -> None:
        """Writes the file of a template to Beanstalk's bucket. `eb config save` reads the file there."""
        text = template.file(platform(template.solution_stack_name)).encode()
        bundles.storage(self.account_id).put_object(self.create_bucket(), template.key, text)

    def add_environment(self, given: Given) -> Environment:
        given = self.with_template(given["ApplicationName"], given)
        name = given.get("EnvironmentName")
        if name is None:
            raise MissingRequiredParameter("EnvironmentName is required.")
        if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?", name):
            constraint = (
                "Member must contain only letters, digits, and the dash character and may not start or end with a dash"
            )
            raise InvalidParameterValue(f"Value {name} at 'EnvironmentName' failed to satisfy constraint: {constraint}")
        environment = Environment(self, given, solution_stack(given))
        self._must_be_free(environment)
        own = {
            "elasticbeanstalk:environment-name": name,
            "elasticbeanstalk:environment-id": environment.id,
            "Name": name,
        }
        self.tag(environment.arn, [{"Key": key, "Value": own[key]} for key in own])
        self.tag(environment.arn, given.get("Tags", ()))
        self.environments[name] = environment
        return environment

    def tag(self, arn: str, added: Sequence[Given], removed: Sequence[str] = ()) -> None:
        tags = self.tags.get(arn, {}) | {tag["Key"]: tag.get("Value", "") for tag in added}
        if len(tags) > MOST_TAGS:
            raise BeanstalkError("TooManyTagsException", f"A resource can have at most {MOST_TAGS} tags.")
        self.tags[arn] = {key: value for key, value in tags.items() if key not in removed}
