"""Finds source bundles in moto's S3, reads their settings, and decides whether their application can answer at `/`."""

import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from moto.s3.exceptions import S3ClientError
from moto.s3.models import s3_backends

from .exceptions import InvalidParameterCombination, InvalidParameterValue, MissingRequiredParameter
from .options import PROPERTIES

UNREADABLE = (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, zlib.error)
"""The errors that occur when a file is not an archive, is damaged, or is encrypted."""

LARGEST_BYTES = 524_288_000
"""AWS developer guide, "Create an application source bundle": a source bundle must not exceed 500 MB."""

_WAR = re.compile(r"[^/]+\.war", re.IGNORECASE)
_CONFIGURATION = re.compile(r"(?:\./+)*env\.yaml|(?:[^/]+/+)*\.ebextensions/[^/]+\.config")
"""The paths of configuration files.

Beanstalk reads every folder `.ebextensions` (AWS developer guide, "Advanced environment customization with
configuration files"), even in the folder `__MACOSX` (parse-server-example, issue 112). AWS does not document the order
in which Beanstalk reads the folders.
"""

_WELCOME = re.compile(r"<welcome-file>\s*/?([^<\s]+)\s*</welcome-file>")
_IN_ZIP64 = 0xFFFFFFFF
"""If an offset is too large for its field, the field has this value, and the offset is in a ZIP64 record.

In this case, bytes before the first entry are not detected.
"""

_RUNS = re.compile(r"WEB-INF/classes/.+\.class|WEB-INF/lib/[^/]+\.jar|[^/]+\.jar|Procfile")


def storage(account: str) -> Any:
    """Returns moto's S3. Reads through this object are not recorded as API calls."""
    return s3_backends[account]["aws"]


def find(account: str, source: Mapping[str, str]) -> Any | None:
    """Returns moto's object at an S3Location. None: the object does not exist."""
    try:
        return storage(account).get_object(source["S3Bucket"], source["S3Key"])
    except S3ClientError:
        return None


def must_be_readable(account: str, region: str, source: Mapping[str, str]) -> None:
    """Raises the error that Beanstalk returns if the bundle does not exist, is in another region, or has a bad size."""
    if "S3Bucket" not in source or "S3Key" not in source:
        raise MissingRequiredParameter("SourceBundle needs S3Bucket and S3Key.")
    where, reason = f"S3 location (Bucket: {source['S3Bucket']}  Key: {source['S3Key']})", "Not Found"
    bucket = storage(account).buckets.get(source["S3Bucket"])
    if bucket is not None and bucket.region_name != region:
        reason = f"The bucket is in this region: {bucket.region_name}. Please use this region to retry the request"
    elif (found := find(account, source)) is not None:
        if not 0 < found.size <= LARGEST_BYTES:  # AWS does not document which call checks the size
            raise InvalidParameterValue(f"Source bundle is empty or exceeds maximum allowed size: {LARGEST_BYTES}")
        return
    raise InvalidParameterCombination(f"Unable to download from {where}. Reason: {reason}")


def configuration_is_sound(bundle: bytes) -> bool:
    """Whether `.ebextensions/*.config` and `env.yaml` are valid YAML or JSON."""
    try:
        for file, content in _configuration_files(bundle):
            _parsed(content, file)
    except (*UNREADABLE, InvalidParameterValue):
        return False
    return True


def settings(bundle: bytes, label: str) -> list[dict[str, str]]:
    """Returns the option settings in a bundle's `.ebextensions`, in alphabetical order of the files.

    A file can contain the settings in two forms (AWS developer guide, "Option settings"). Raises InvalidParameterValue.
    If a bundle is not an archive, it has no settings, and its deployment fails later on the instances.
    """
    option_settings: list[dict[str, str]] = []
    try:
        for file, content in _configuration_files(bundle):
            where = f"configuration file {file} in application version {label}"
            document = _parsed(content, where)
            given = document.get("option_settings") if isinstance(document, dict) else None
            entries = list(_entries(given or [])) if file != "env.yaml" else []
            if not all(isinstance(name, str) for entry in entries for name in entry[:2]):
                text = f"Each option setting in {where} must be a map."
                raise InvalidParameterValue(f"{text} Update each option setting in the configuration file.")
            option_settings += [
                {"Namespace": space, "OptionName": name, "Value": _text(value)} for space, name, value in entries
            ]
    except UNREADABLE:
        return []
    return option_settings


class _Loader(yaml.CSafeLoader):
    """A YAML loader that accepts the short forms of CloudFormation's functions, such as `!Ref`.

    Dates become strings. Numbers that are not decimal also become strings.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML declares it so
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":int", ":float"))]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


def _function(loader: Any, name: str, node: Any) -> dict[str, Any]:
    kind = str(node.id)  # scalar, sequence or mapping
    value = getattr(loader, f"construct_{kind}")(node, **({} if kind == "scalar" else {"deep": True}))
    return {name if name == "Ref" else f"Fn::{name}": value}


_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"-?(0|[1-9]\d*)$"), [*"-0123456789"])
_Loader.add_multi_constructor("!", _function)


def _parsed(content: bytes, where: str) -> Any:
    """Parses a configuration file. Raises InvalidParameterValue.

    The error message is from issue 90 of AWS's samples, and issue 60 of AWS's developer guide.
    """
    text = content.decode("utf-8-sig", "replace")
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError) as error:
        try:
            return json.loads(text, strict=False)
        except ValueError:
            first = text.lstrip()[:1]
            shown = first if first.isprintable() else f"&#{ord(first)};"
            why = f"YAML exception: Invalid Yaml: {' '.join(str(error).split())}, JSON exception: Invalid JSON: "
            why += f"Unexpected character ({shown}) at position {text.find(first)}."
            reason = f"The {where} contains invalid YAML or JSON. {why}. Update the configuration file."
            raise InvalidParameterValue(reason) from error


def _text(value: Any) -> str:
    """Converts a value to text. A mapping or a list, such as a ConfigDocument, becomes JSON."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _entries(given: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Returns the namespace, name and value of each setting. If a setting is malformed, some of the three are None."""
    for entry in given if isinstance(given, list) else ():
        if isinstance(entry, dict):
            yield entry.get("namespace", PROPERTIES), entry.get("option_name"), entry.get("value", "")
        else:
            yield None, None, None
    for namespace, named in given.items() if isinstance(given, dict) else ():
        for name, value in named.items() if isinstance(named, dict) else [(None, None)]:
            yield namespace, name, value
    if isinstance(given, str):
        yield None, None, None


def _configuration_files(bundle: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        for name in sorted(archive.namelist()):
            if _CONFIGURATION.fullmatch(name):
                yield name, archive.read(name)


def unzips(bundle: bytes) -> bool:
    """Whether `unzip` unpacks the bundle on an instance with exit code 0.

    `unzip` fails if there are bytes before the first entry, or if a Windows tool wrote backslashes into names
    (generator-jhipster, issue 4326; aws-extensions-for-dotnet-cli, pull request 43). Other errors of `unzip` are not
    simulated.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
            entries, start = archive.infolist(), archive.start_dir
    except UNREADABLE:
        return False
    stated = int.from_bytes(bundle[bundle.rindex(b"PK\5\6") + 16 :][:4], "little")
    windows = (entry.orig_filename for entry in entries if entry.create_system == 0)
    return stated in (start, _IN_ZIP64) and not any("\\" in name and "/" not in name for name in windows)


def answers(bundle: bytes) -> bool:
    """Whether the application in a WAR, ZIP or JAR can answer a request for `/`.

    A single WAR serves `/`, whatever its name is. In a ZIP of several WARs, `ROOT.war` serves `/` (AWS developer guide,
    "Bundling multiple WAR files"). If an application has neither code nor a welcome file, Tomcat responds with 404.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
            names = {re.sub(r"^(\./+)+", "", name): name for name in archive.namelist()}
            if any(_WAR.fullmatch(name) for name in names):
                return "ROOT.war" in names and answers(archive.read(names["ROOT.war"]))
            texts = names.keys() & {"WEB-INF/web.xml", "META-INF/MANIFEST.MF"}
            read = {name: archive.read(names[name]) for name in texts}
    except UNREADABLE:
        return False
    welcome = set(_WELCOME.findall(read.get("WEB-INF/web.xml", b"").decode(errors="replace")))
    runs = b"Main-Class:" in read.get("META-INF/MANIFEST.MF", b"") or any(_RUNS.fullmatch(name) for name in names)
    return runs or not names.keys().isdisjoint(welcome | {"index.html", "index.htm", "index.jsp"})


def page(bundle: bytes, path: str) -> bytes | None:
    """Returns the page at a path: the file in the bundle, or the path itself if the application's code may serve it.

    None: there is no page at the path.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
            names = archive.namelist()
            name = path.strip("/") or "index.html"
            if name in names and not name.startswith(("WEB-INF/", "META-INF/")):
                return archive.read(name)
    except UNREADABLE:
        return None
    return f"<h1>{path}</h1>".encode() if any(_RUNS.fullmatch(name) for name in names) else None
