"""Reads the application and the environment from a drop's key in S3, and builds the key of a release."""

import hashlib

import msgspec

from wardrop.drops.drop import Drop
from wardrop.environments.version import key_prefix, plain
from wardrop.errors import Rejected

ENDINGS = (".war", ".zip", ".jar")
MAX_APPLICATION = 100
"""The longest name of an application, in characters (Elastic Beanstalk API reference, CreateApplication)."""

_FORM = "<application>/<environment>/<file> or <application>/<file>"


class Address(msgspec.Struct, frozen=True):
    """The parts of a key of the form `<application>/<environment>/<file>` or `<application>/<file>`."""

    application: str
    environment: str | None
    """The environment in the key. None: the key names no environment."""

    file: str

    @property
    def ending(self) -> str:
        return self.file[-4:].lower()

    @property
    def name(self) -> str:
        return self.file[: -len(self.ending)]


def read_key(key: str, prefix: str = "") -> Address:
    """Reads the address in a key. Raises Rejected.

    The key is not URL-decoded, because the result could be another object's key.
    """
    parts = key.removeprefix(prefix).split("/")
    match parts:
        case [application, file]:
            address = Address(application, None, file)
        case [application, environment, file]:
            address = Address(application, environment, file)
        case _:
            raise Rejected(f"the key {key} does not have the form {_FORM}; drop the file again with a key of this form")
    if len(address.application) > MAX_APPLICATION:
        raise Rejected(
            f"an application's name has at most {MAX_APPLICATION} characters, but {address.application} has more; "
            f"drop the file again as {_FORM}"
        )
    if not all(parts):
        raise Rejected(f"a part of the key {key} is empty; drop the file again as {_FORM}")
    _check_file(address)
    return address


def _check_file(address: Address) -> None:
    if address.ending not in ENDINGS:
        raise Rejected(
            f"{address.file} does not end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}; drop a WAR, a ZIP or a JAR"
        )
    if not address.name:
        raise Rejected(f"{address.file} has no name before its ending; drop it again as, for example, shop-1.0.war")


def application_of(key: str, prefix: str = "") -> str | None:
    """Returns the application that an alert about a rejected drop names, or None if the key names no application."""
    application, _, rest = key.removeprefix(prefix).partition("/")
    return application if application and rest else None


def release_key(drop: Drop, application: str) -> str:
    """Builds the key of a release. It contains a hash of the drop's id, so every object version has its own key."""
    origin = hashlib.sha256(drop.id.encode()).hexdigest()[:32]
    return f"{key_prefix(application)}/{origin}/{plain(drop.key.rpartition('/')[2])[-100:]}"
