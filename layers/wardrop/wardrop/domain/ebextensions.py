"""The option settings that a bundle brings along in `.ebextensions`."""

from collections.abc import Iterable

import msgspec
import yaml

MAX_ALIASES = 50
MAX_DEPTH = 50
MAX_TEXT_BYTES = 256
"""Of a name or a value that is kept."""

ENVIRONMENT_PROPERTIES = "aws:elasticbeanstalk:application:environment"


class Setting(msgspec.Struct, frozen=True):
    """One option setting of `.ebextensions`; `value` is None if it may be secret, or is no short scalar."""

    namespace: str
    option: str
    value: str | None
    file: str


class _SettingsLoader(yaml.SafeLoader):
    """Safe, with bounded aliases and depth, and without opinions on CloudFormation's short tags."""

    aliases = 0
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            self.aliases += 1
            if self.aliases > MAX_ALIASES:
                raise yaml.YAMLError(f"more than {MAX_ALIASES} aliases")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise yaml.YAMLError(f"nested deeper than {MAX_DEPTH} levels")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


_SettingsLoader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)


def read_settings(file: str, content: bytes) -> list[Setting]:
    """The `option_settings` of one configuration file, in either of its two forms.

    Forms: AWS developer guide, "Option settings". Raises yaml.YAMLError or ValueError.
    """
    try:
        document = yaml.load(content, Loader=_SettingsLoader)  # noqa: S506 - a SafeLoader
    except (AttributeError, LookupError, TypeError) as error:
        # PyYAML itself stumbles over a text that does not fit its tag, such as !!bool maybe.
        raise ValueError(f"a value does not fit its tag: {error}") from error
    if document is None:
        return []
    if not isinstance(document, dict):
        raise ValueError("not a mapping")
    settings: list[Setting] = []
    for namespace, option, value in _pairs(document.get("option_settings")):
        if max(size_of(namespace), size_of(option)) > MAX_TEXT_BYTES:
            raise ValueError(f"an option of more than {MAX_TEXT_BYTES} bytes")
        shown = None if _may_be_secret(namespace, option) else _scalar(value)
        settings.append(
            Setting(whole_characters(namespace), whole_characters(option), shown and whole_characters(shown), file)
        )
    return settings


def _pairs(settings: object) -> Iterable[tuple[str, str, object]]:
    match settings:
        case None:
            return
        case list():
            for entry in settings:
                if not isinstance(entry, dict) or "option_name" not in entry:
                    raise ValueError("an entry of option_settings has no option_name")
                # Without a namespace Beanstalk takes the entry as an environment property.
                yield (
                    str(entry.get("namespace") or ENVIRONMENT_PROPERTIES),
                    str(entry["option_name"]),
                    entry.get("value"),
                )
        case dict():
            for namespace, options in settings.items():
                if not isinstance(options, dict):
                    raise ValueError(f"option_settings of {namespace} is not a mapping")
                for option, value in options.items():
                    yield str(namespace), str(option), value
        case _:
            raise ValueError("option_settings is neither a list nor a mapping")


def _may_be_secret(namespace: str, option: str) -> bool:
    return namespace == ENVIRONMENT_PROPERTIES or "password" in option.lower()


def _scalar(value: object) -> str | None:
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float() if size_of(str(value)) <= MAX_TEXT_BYTES:
            return str(value)
        case _:
            return None


def whole_characters(text: str) -> str:
    """What JSON escapes as two surrogates is one character; half of one is none, and DynamoDB refuses it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def size_of(text: str) -> int:
    return len(whole_characters(text).encode())
