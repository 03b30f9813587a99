"""Creates the resources of a template through API calls, as CloudFormation does.

Unsupported features cause an error.
"""

import contextlib
import copy
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import ListShape, MapShape, Shape, StructureShape

from local.aws.template import Resolver, parameter_values
from local.settings import ACCOUNT, REGION, STACK, CannotStart

SECTIONS = {"Condition", "DeletionPolicy", "DependsOn", "Metadata", "Properties", "Type", "UpdateReplacePolicy"}

Properties = dict[str, Any]
Call = tuple[str, Properties]


@dataclass(frozen=True)
class Kind:
    """Describes how resources of one type are created. `resources.yaml` explains the fields."""

    service: str
    create: str
    name: str = ""
    ref: str = "{name}"
    identifier: str = ""
    within: str = ""
    spread: Sequence[str] = ()
    only: Sequence[str] = ()
    attributes: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    implied: dict[str, Properties] = field(default_factory=dict)
    instead: Properties = field(default_factory=dict)
    later: dict[str, list[str]] = field(default_factory=dict)
    each: dict[str, list[str]] = field(default_factory=dict)

    def calls(self, name: str, properties: Properties) -> list[Call]:
        """Returns the API calls that create a resource and set its properties.

        The first response describes the resource.
        """
        if self.only and (unknown := properties.keys() - set(self.only)):
            raise ValueError(f"the property {', '.join(sorted(unknown))} is not supported here")
        properties = {**self._as_in_api(properties), **self.instead}
        if self.spread:
            others, parameter = self.spread
            return [(self.create, {**properties, parameter: other}) for other in properties.pop(others)]
        named = {self.identifier or self.renamed.get(self.name, self.name): name}
        rest: list[Call] = []
        for own, (operation, parameter) in self.later.items():
            if own in properties:
                rest.append((operation, {**named, parameter: properties.pop(own)}))
        for own, (operation, *entry) in self.each.items():
            for value in properties.pop(own, []):
                rest.append((operation, {**named, **({entry[0]: value} if entry else value)}))
        if self.within:
            properties = {self.name: properties.pop(self.name), self.within: properties}
        return [(self.create, properties), *rest]

    def _as_in_api(self, value: Any) -> Any:
        """Renames properties, at any depth, to the names that they have in the API.

        A new name with dots moves the property into nested mappings. An empty new name drops the property.
        """
        if isinstance(value, list):
            return [self._as_in_api(item) for item in value]
        if not isinstance(value, dict):
            return value
        result: Properties = {}
        for name, item in value.items():
            *outer, last = self.renamed[name].split(".") if name in self.renamed else [name]
            inner = result
            for step in outer:
                inner = inner.setdefault(step, {})
            if last:
                inner[last] = self._as_in_api(item)
            result |= copy.deepcopy(self.implied.get(name, {}))
        return result


@cache
def kinds() -> dict[str, Kind]:
    table = yaml.safe_load(Path(__file__).with_name("resources.yaml").read_text())
    return {kind: Kind(**row) for kind, row in table.items()}


@dataclass(frozen=True)
class Resource:
    logical_id: str
    type: str
    name: str
    ref: str
    attributes: dict[str, str]
    properties: Properties


class Stack:
    """The resources of one template. A resource is created before the resources that refer to it."""

    def __init__(self, template: dict[str, Any], parameters: dict[str, str], client: Callable[[str], Any]) -> None:
        self.resources: dict[str, Resource] = {}
        self.outputs: dict[str, Any] = {}
        self.parameters = {name: str(value) for name, value in parameter_values(template, parameters).items()}
        self._template = template
        self._client = client
        self._making: list[str] = []
        self._resolve = Resolver(template, parameters, lambda name: self._made(name).ref, self._attribute)

    def create(self) -> None:
        for logical_id, resource in self._template["Resources"].items():
            if "Condition" not in resource or self._resolve.holds(resource["Condition"]):
                self._made(logical_id)
        for name, output in self._template.get("Outputs", {}).items():
            self.outputs[name] = self._resolve(output["Value"])

    def of_type(self, kind: str) -> list[Resource]:
        return [resource for resource in self.resources.values() if resource.type == kind]

    def _attribute(self, logical_id: str, attribute: str) -> str:
        resource = self._made(logical_id)
        if attribute not in resource.attributes:
            raise CannotStart(f"{logical_id}: GetAtt {attribute} of {resource.type} is not supported here")
        return resource.attributes[attribute]

    def _made(self, logical_id: str) -> Resource:
        if logical_id not in self.resources:
            if logical_id not in self._template["Resources"]:
                raise CannotStart(f"the template refers to {logical_id}, but has no such resource")
            if logical_id in self._making:
                raise CannotStart(f"circular references: {' → '.join([*self._making, logical_id])}")
            self._making.append(logical_id)
            try:
                self.resources[logical_id] = self._make(logical_id, self._template["Resources"][logical_id])
            except (ClientError, ParamValidationError, ValueError) as error:
                raise CannotStart(f"{logical_id}: {error}") from error
            self._making.pop()
        return self.resources[logical_id]

    def _make(self, logical_id: str, resource: dict[str, Any]) -> Resource:
        if unknown := resource.keys() - SECTIONS:
            raise ValueError(f"{', '.join(sorted(unknown))} is not supported here")
        kind = kinds().get(resource["Type"])
        if kind is None:
            raise ValueError(f"{resource['Type']} is not supported here")
        properties = self._resolve(resource.get("Properties", {}))
        fifo = ".fifo" if properties.get("FifoQueue") else ""
        name = properties.get(kind.name) or f"{STACK}-{logical_id.lower()[:40]}-{secrets.token_hex(6)}{fifo}"
        if kind.name:
            properties[kind.name] = name
        answers = [self._call(kind, *call) for call in kind.calls(name, properties)]
        endpoint = self._client(kind.service).meta.endpoint_url
        own = {"name": name, "region": REGION, "account": ACCOUNT, "endpoint": endpoint}
        values = {**properties, **answers[0], **own}
        attributes = {}
        for attribute, text in kind.attributes.items():
            # a resource may lack an attribute; for example, a table may have no stream
            with contextlib.suppress(KeyError):
                attributes[attribute] = text.format_map(values)
        return Resource(logical_id, resource["Type"], name, kind.ref.format_map(values), attributes, properties)

    def _call(self, kind: Kind, operation: str, parameters: Properties) -> Properties:
        client = self._client(kind.service)
        shape = client.meta.service_model.operation_model(operation).input_shape
        answer: Properties = client._make_api_call(operation, _fitted(shape, parameters, ""))
        return answer


def _fitted(shape: Shape, value: Any, path: str) -> Any:
    """Converts a template's value to the API's types. CloudFormation accepts "30" for 30, and an object as a policy."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        members = {name.lower(): name for name in shape.members}
        if unknown := [name for name in value if name.lower() not in members]:
            raise ValueError(f"the property {path}{', '.join(sorted(unknown))} is not supported here")
        named = {members[name.lower()]: item for name, item in value.items()}
        return {name: _fitted(shape.members[name], item, f"{path}{name}.") for name, item in named.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_fitted(shape.member, item, path) for item in value]
    if isinstance(shape, MapShape):
        items = {tag["Key"]: tag["Value"] for tag in value} if isinstance(value, list) else value
        allowed = getattr(shape.key, "enum", None) or items
        if unknown := [name for name in items if name not in allowed]:
            raise ValueError(f"the property {path}{', '.join(sorted(unknown))} is not supported here")
        return {name: _fitted(shape.value, item, f"{path}{name}.") for name, item in items.items()}
    if shape.type_name in ("integer", "long"):
        return int(value)
    if shape.type_name == "string" and not isinstance(value, str):
        return json.dumps(value)
    return value
