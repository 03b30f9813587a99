"""Reads the YAML of a configuration document. Only `parse` imports this module, because PyYAML is slow to import."""

import yaml

from wardrop.configuration.bounded_yaml import MergelessLoader, problem_of


class _Loader(MergelessLoader, yaml.SafeLoader):
    """Reads no booleans and no dates: in YAML 1.1 `off` is a boolean, here it is text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML declares it so
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":timestamp"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read_yaml(text: str) -> object:
    """None for an empty document. Raises ValueError with a sentence for a text that is not YAML."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError, AttributeError, LookupError, TypeError) as error:
        # PyYAML raises the last four for a text that does not fit its tag, such as !!bool maybe.
        raise ValueError(f"not YAML: {problem_of(error)}") from error
