"""Makes a template's resources by API calls, as CloudFormation would; what it does not know is an error."""

import contextlib
import copy
import json
import random
import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import ListShape, MapShape, Shape, StructureShape

from local.resources import Kind, resources
from local.settings import ACCOUNT, REGION, STACK, CannotStart
from local.template import Resolver

SECTIONS = {
    "Condition",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdateReplacePolicy",
}


@dataclass(frozen=True)
class Resource:
    logical_id: str
    type: str
    name: str
    ref: str
    attributes: dict[str, str]
    properties: dict[str, Any]


class Stack:
    """The resources of one template; each is made when something first refers to it."""

    def __init__(self, template: dict[str, Any], parameters: dict[str, str], client: Callable[[str], Any]) -> None:
        self.resources: dict[str, Resource] = {}
        self._template = template
        self._client = client
        self._making: list[str] = []
        self._resolve = Resolver(template, parameters, lambda name: self._made(name).ref, self._attribute)

    def create(self) -> dict[str, Any]:
        """Makes everything; returns the outputs."""
        for logical_id, resource in self._template["Resources"].items():
            if "Condition" not in resource or self._resolve.holds(resource["Condition"]):
                self._made(logical_id)
        outputs = self._template.get("Outputs", {})
        return {name: self._resolve(output["Value"]) for name, output in outputs.items()}

    def of_type(self, kind: str) -> list[Resource]:
        return [resource for resource in self.resources.values() if resource.type == kind]

    def _attribute(self, logical_id: str, attribute: str) -> str:
        resource = self._made(logical_id)
        if attribute not in resource.attributes:
            raise CannotStart(f"{logical_id}: GetAtt {attribute} of {resource.type} is not known here")
        return resource.attributes[attribute]

    def _made(self, logical_id: str) -> Resource:
        if logical_id not in self.resources:
            if logical_id not in self._template["Resources"]:
                raise CannotStart(f"the template refers to {logical_id}, which it does not have")
            if logical_id in self._making:
                raise CannotStart(f"circular references: {' → '.join([*self._making, logical_id])}")
            self._making.append(logical_id)
            try:
                self.resources[logical_id] = self._make(logical_id, self._template["Resources"][logical_id])
            except (ClientError, ParamValidationError, UnknownProperty) as error:
                raise CannotStart(f"{logical_id}: {error}") from error
            self._making.pop()
        return self.resources[logical_id]

    def _make(self, logical_id: str, resource: dict[str, Any]) -> Resource:
        if unknown := resource.keys() - SECTIONS:
            raise CannotStart(f"{logical_id}: {', '.join(sorted(unknown))} is not known here")
        if resource["Type"] not in resources():
            raise CannotStart(f"{logical_id}: {resource['Type']} is not known here")
        for other in _listed(resource.get("DependsOn", [])):
            self._made(other)
        kind = resources()[resource["Type"]]
        properties = self._resolve(resource.get("Properties", {}))
        name = properties.get(kind.name) or _physical_name(logical_id, properties)
        if kind.name:
            properties[kind.name] = name
        answers = [
            self._call(kind, operation, parameters)
            for operation, parameters in kind.calls(resource["Type"], name, copy.deepcopy(properties))
        ]
        shown = {**properties, **answers[0], "name": name, "region": REGION, "account": ACCOUNT}
        return Resource(
            logical_id,
            resource["Type"],
            name,
            kind.ref.format_map(shown),
            _readable(kind, shown),
            properties,
        )

    def _call(self, kind: Kind, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        client = self._client(kind.service)
        shape = client.meta.service_model.operation_model(operation).input_shape
        answer: dict[str, Any] = client._make_api_call(operation, fitted(shape, parameters, ""))
        return answer


class UnknownProperty(ValueError):
    """A property that the API operation does not have."""


def fitted(shape: Shape, value: Any, path: str) -> Any:
    """A template's value in the API's types: CloudFormation takes "30" for 30, and a policy as an object."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        members = {name.lower(): name for name in shape.members}
        fit = {}
        for name, item in value.items():
            if name.lower() not in members:
                raise UnknownProperty(f"the property {path}{name} is not known here")
            member = members[name.lower()]
            fit[member] = fitted(shape.members[member], item, f"{path}{name}.")
        return fit
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [fitted(shape.member, item, path) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, list):
        value = {tag["Key"]: tag["Value"] for tag in value}
    if isinstance(shape, MapShape) and isinstance(value, dict):
        names = getattr(shape.key, "enum", None)
        if names and (unknown := value.keys() - set(names)):
            raise UnknownProperty(f"the property {path}{', '.join(sorted(unknown))} is not known here")
        return {name: fitted(shape.value, item, f"{path}{name}.") for name, item in value.items()}
    match shape.type_name:
        case "string" if isinstance(value, bool):
            return str(value).lower()
        case "string" if isinstance(value, (dict, list)):
            return json.dumps(value)
        case "string":
            return str(value)
        case "boolean":
            return value if isinstance(value, bool) else {"true": True, "false": False}[value]
        case "integer" | "long":
            return int(value)
    return value


def _readable(kind: Kind, shown: dict[str, Any]) -> dict[str, str]:
    """What GetAtt finds; an answer may lack some of it, such as the stream of a table without one."""
    found = {}
    for attribute, text in kind.attributes.items():
        with contextlib.suppress(KeyError):
            found[attribute] = text.format_map(shown)
    return found


def _physical_name(logical_id: str, properties: dict[str, Any]) -> str:
    chance = "".join(random.choices(string.ascii_lowercase + string.digits, k=12))  # noqa: S311 - a name
    fifo = ".fifo" if str(properties.get("FifoQueue", "")).lower() == "true" else ""
    return f"{STACK}-{logical_id.lower()[:40]}-{chance}{fifo}"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
