"""Reads the YAML of a configuration document. Only `parse` imports this module, because importing PyYAML is slow."""

import re

import yaml

from wardrop.configuration.bounded_yaml import MergelessLoader, problem_of

_TAG = "tag:yaml.org,2002:"
_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
"""Matches numbers in decimal notation.

In YAML 1.1, `12:30:45` is the number 45045 and `010` is 8. Here, both are strings.
"""


class _Loader(MergelessLoader, yaml.SafeLoader):
    """Reads only mappings, lists, strings, whole numbers and null.

    Every other value is read as a string. An example is `off`, which is a boolean in YAML 1.1.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012 - the attribute is declared by PyYAML
        **{first: [(f"{_TAG}int", re.compile(f"{_NUMBER.pattern}$"))] for first in "-+0123456789"},
        **{first: [(f"{_TAG}null", re.compile("(?:~|null|Null|NULL|)$"))] for first in ("~", "n", "N", "")},
    }

    yaml_multi_constructors = {}  # noqa: RUF012 - PyYAML declares it so

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> str:
        """Joins two escape sequences that form a surrogate pair into one character. Refuses an incomplete pair."""
        text = super().construct_scalar(node)
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            problem = "an escape sequence is an incomplete surrogate pair"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from None

    def construct_number(self, node: yaml.ScalarNode) -> int:
        text = self.construct_scalar(node)
        if not _NUMBER.fullmatch(text):
            raise yaml.constructor.ConstructorError(None, None, "not a whole number", node.start_mark)
        return int(text)


_Loader.yaml_constructors = {
    f"{_TAG}int": _Loader.construct_number,
    f"{_TAG}map": _Loader.construct_yaml_map,
    f"{_TAG}null": _Loader.construct_yaml_null,
    f"{_TAG}seq": _Loader.construct_yaml_seq,
    f"{_TAG}str": _Loader.construct_yaml_str,
    None: _Loader.construct_undefined,
}


def read_yaml(text: str) -> object:
    """Parses a document. Returns None if the document is empty. Raises ValueError if the text is not YAML."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        raise ValueError(f"not YAML: {problem_of(error)}") from error
