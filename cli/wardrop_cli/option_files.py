"""Reads option settings from a JSON file, in the forms of AWS CLI and of `.ebextensions`."""

import json
from collections.abc import Iterator
from typing import Any

from wardrop_cli.failures import Failure, usage

FORMS = 'It must contain [{"Namespace": ..., "OptionName": ..., "Value": ...}] or {"option_settings": ...}.'


def settings_in(content: bytes, name: str) -> list[str]:
    """The settings as `namespace:option=value`. Raises Failure for any other content."""
    try:
        document = json.loads(content.decode())
    except ValueError:
        raise usage(f"{name} is not JSON", f"{FORMS} Convert YAML first, for example by yq -o json.") from None
    given = document.get("option_settings") if isinstance(document, dict) else document
    settings = list(_settings(given, name))
    if not settings:
        raise usage(f"{name} contains no option settings", FORMS)
    return settings


def _settings(given: Any, name: str) -> Iterator[str]:
    match given:
        case list():
            for entry in given:
                yield _listed(entry, name)
        case dict():
            for namespace, options in given.items():
                if not isinstance(options, dict):
                    raise _malformed(name, namespace)
                for option, value in options.items():
                    yield _written(str(namespace), str(option), value, name)
        case _:
            raise usage(f"{name} contains no option settings", FORMS)


def _listed(entry: Any, name: str) -> str:
    """Reads one setting of a list. AWS CLI writes `OptionName`, and `.ebextensions` contain `option_name`."""
    if not isinstance(entry, dict):
        raise _malformed(name, entry)
    named = {str(key).replace("_", "").lower(): value for key, value in entry.items()}
    if "resourcename" in named:
        raise usage(f"{name} contains a resource name, which a plan does not support", "Leave these settings out.")
    namespace, option = named.get("namespace"), named.get("optionname")
    if not isinstance(namespace, str) or not isinstance(option, str) or "value" not in named:
        raise _malformed(name, entry)
    return _written(namespace, option, named["value"], name)


def _written(namespace: str, option: str, value: Any, name: str) -> str:
    if isinstance(value, bool):
        value = str(value).lower()
    if not isinstance(value, str | int | float):
        raise _malformed(name, f"{namespace}:{option}")
    return f"{namespace}:{option}={value}"


def _malformed(name: str, entry: object) -> Failure:
    return usage(f"{name} contains an entry that is not an option setting: {str(entry)[:80]}", FORMS)
