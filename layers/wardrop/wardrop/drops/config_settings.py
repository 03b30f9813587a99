"""Reads the option settings and the overridden resources in one file of `.ebextensions`."""

import hashlib
import re
from collections.abc import Iterable, Iterator

import yaml

from wardrop.configuration.bounded_yaml import NotSupported, is_merge_key
from wardrop.drops.archive import size_of
from wardrop.drops.config_file import Json
from wardrop.drops.config_value import Scalar, Value, Values, canonical
from wardrop.environments.option import ENVIRONMENT_PROPERTIES, OptionSetting, ResourceOverride, may_be_shown
from wardrop.foreign_text import whole_characters

MAX_TEXT_BYTES = 256
"""The maximum size of a namespace, of an option, or of a value that is recorded."""

MAX_NAME_BYTES = 100
"""The maximum size of the name of a resource or a property. CloudFormation's names are shorter."""

MAX_PROPERTIES = 40
"""The maximum number of properties of a resource. A load balancer or an Auto Scaling group has fewer properties."""

OWN_RESOURCE = "AWSEB"
"""The prefix of the logical ids of Beanstalk's own resources (AWS developer guide, "Modifying the resources that
Elastic Beanstalk creates for your environment"). Other resources are additional, and no instance depends on them.
"""

TRANSFORM = "Fn::Transform"
"""The name under which a macro is recorded as an override. A macro may rewrite every resource."""


def sections(parsed: yaml.Node | Json | None, values: Values) -> dict[str, Value]:
    """Returns the sections of a file that may change settings or resources. Raises NotSupported."""
    match parsed:
        case None:
            return {}
        case yaml.ScalarNode() if not parsed.value or parsed.tag.endswith(":null"):
            return {}
        case yaml.MappingNode():
            _check_names(key.value for key, _ in parsed.value if isinstance(key, yaml.ScalarNode))
            pairs = [pair for pair in parsed.value if _is_section(pair[0])]
            return values.mapping(yaml.MappingNode(parsed.tag, pairs))
        case dict():
            _check_names(parsed)
            return {name: values.of(value) for name, value in parsed.items() if name in _SECTIONS}
        case _:
            raise NotSupported("not a mapping")


_SECTIONS = ("option_settings", "Resources", "Transform", TRANSFORM)


_RESEMBLING = ("optionsetting", "optionsettings", "resource", "resources")


def _check_names(names: Iterable[str]) -> None:
    """Raises NotSupported for a misspelled section, such as `resources`, and for a namespace outside of a section."""
    for name in names:
        letters = re.sub(r"[^a-z]", "", name.casefold())
        if name not in _SECTIONS and (letters in _RESEMBLING or "aws:" in name.casefold()):
            raise NotSupported("AWS does not document whether Beanstalk reads a section that is spelled in this way")


def _is_section(key: yaml.Node) -> bool:
    return is_merge_key(key) or (isinstance(key, yaml.ScalarNode) and key.value in _SECTIONS)


def settings_of(section: Value | None, file: str) -> Iterator[OptionSetting]:
    """Reads `option_settings`, which may be a list or a mapping (AWS developer guide, "Option settings").

    Raises NotSupported.
    """
    match section:
        case None | Scalar(text=None | ""):
            return
        case list():
            for entry in section:
                yield _listed(entry, file)
        case dict():
            for namespace, options in section.items():
                if not isinstance(options, dict):
                    raise NotSupported("a namespace of option_settings is not a mapping")
                for option, value in options.items():
                    yield _setting(namespace, option, value, file)
        case _:
            raise NotSupported("option_settings is neither a list nor a mapping")


def _listed(entry: Value, file: str) -> OptionSetting:
    if not isinstance(entry, dict) or not (option := _text(entry.get("option_name"))):
        raise NotSupported("an entry of option_settings has no option_name")
    # Beanstalk reads an entry without a namespace as an environment property.
    namespace = _text(entry.get("namespace")) or ENVIRONMENT_PROPERTIES
    return _setting(namespace, option, entry.get("value"), file, _text(entry.get("resource_name")))


def _setting(namespace: str, option: str, value: Value | None, file: str, resource: str | None = None) -> OptionSetting:
    if max(map(size_of, (namespace, option, resource or ""))) > MAX_TEXT_BYTES:
        raise NotSupported(f"an option of more than {MAX_TEXT_BYTES} bytes")
    names = whole_characters(namespace), whole_characters(option)
    if not "".join((*names, whole_characters(resource or ""))).isprintable():
        raise NotSupported("an option with characters that cannot be printed")
    text = _short(value) if may_be_shown(names) else None
    return OptionSetting(*names, text, file, resource and whole_characters(resource))


def _text(value: Value | None) -> str | None:
    return value.text if isinstance(value, Scalar) else None


def _short(value: Value | None) -> str | None:
    """Returns the value as text, or None if it is null or too long to be recorded."""
    if value is None:
        return None
    text = value.text if isinstance(value, Scalar) else canonical(value)
    return whole_characters(text) if text is not None and size_of(text) <= MAX_TEXT_BYTES else None


def overrides_of(read: dict[str, Value], file: str) -> Iterator[ResourceOverride]:
    """Yields the overrides of Beanstalk's own resources. Raises NotSupported."""
    resources = read.get("Resources")
    macros = {name: _digest(read[name]) for name in ("Transform", TRANSFORM) if name in read}
    if macros:
        yield ResourceOverride(TRANSFORM, macros, file)
    match resources:
        case None | Scalar(text=None | ""):
            return
        case dict():
            for name, resource in resources.items():
                if name.startswith((OWN_RESOURCE, "Fn::")):
                    yield _override(name, resource, file)
        case _:
            raise NotSupported("Resources is not a mapping")


def _override(name: str, resource: Value, file: str) -> ResourceOverride:
    """Reads the override of one resource. An attribute such as `UpdatePolicy` counts as a property."""
    if not isinstance(resource, dict):
        raise NotSupported("a resource is not a mapping")
    properties = resource.get("Properties")
    attributes = {attribute: value for attribute, value in resource.items() if attribute not in ("Properties", "Type")}
    match properties:
        case None | Scalar(text=None | ""):
            stated = attributes
        case dict():
            stated = attributes | properties
        case _:
            raise NotSupported("the properties of a resource are not a mapping")
    if len(stated) > MAX_PROPERTIES or max(map(size_of, (name, *stated))) > MAX_NAME_BYTES:
        raise NotSupported("a resource that has too many properties or too long names")
    if not whole_characters("".join((name, *stated))).isprintable():
        raise NotSupported("a resource with characters that cannot be printed")
    digests = {whole_characters(key): _digest(value) for key, value in stated.items()}
    return ResourceOverride(whole_characters(name), digests, file)


def _digest(value: Value) -> str:
    """Returns a digest of the value. Only digests are recorded and compared, because a value could be a secret."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:16]
