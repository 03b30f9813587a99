"""Source bundles in moto's S3: whether one is there, and whether an application in it could answer at `/`."""

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any

import yaml
from moto.s3.exceptions import S3ClientError
from moto.s3.models import s3_backends

from .exceptions import InvalidParameterCombination, MissingRequiredParameter

_WAR = re.compile(r"[^/]+\.war", re.IGNORECASE)
_CONFIGURATION = re.compile(r"\.ebextensions/[^/]+\.config|env\.yaml")
_WELCOME = re.compile(r"<welcome-file>\s*/?([^<\s]+)\s*</welcome-file>")
_RUNS = re.compile(r"WEB-INF/classes/.+\.class|WEB-INF/lib/[^/]+\.jar|[^/]+\.jar|Procfile")


def storage(account: str) -> Any:
    """moto's S3, in process: what Beanstalk reads there is no call that anybody should see."""
    return s3_backends[account]["aws"]


def find(account: str, source: Mapping[str, str]) -> Any | None:
    """moto's object where an S3Location says."""
    try:
        return storage(account).get_object(source["S3Bucket"], source["S3Key"])
    except S3ClientError:
        return None


def must_be_readable(account: str, region: str, source: Mapping[str, str]) -> None:
    """Refuses, in its words, what Beanstalk in this region could not download."""
    if "S3Bucket" not in source or "S3Key" not in source:
        raise MissingRequiredParameter("SourceBundle needs S3Bucket and S3Key.")
    where, reason = f"S3 location (Bucket: {source['S3Bucket']}  Key: {source['S3Key']})", "Not Found"
    bucket = storage(account).buckets.get(source["S3Bucket"])
    if bucket is not None and bucket.region_name != region:
        reason = f"The bucket is in this region: {bucket.region_name}. Please use this region to retry the request"
    elif find(account, source) is not None:
        return
    raise InvalidParameterCombination(f"Unable to download from {where}. Reason: {reason}")


def configuration_is_sound(bundle: bytes) -> bool:
    """Whether `.ebextensions/*.config` and `env.yaml` are YAML, which JSON is as well."""
    try:
        with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
            for name in archive.namelist():
                if _CONFIGURATION.fullmatch(name):
                    yaml.compose(archive.read(name), yaml.CSafeLoader)
    except (zipfile.BadZipFile, yaml.YAMLError, ValueError):
        return False
    return True


def answers(bundle: bytes) -> bool:
    """Whether a server running this WAR, ZIP or JAR has anything that may serve `/`.

    A single WAR serves at `/` whatever its name; in a ZIP of WARs `ROOT.war` does (AWS developer guide,
    "Bundling multiple WAR files"). Tomcat lists no directories: without a welcome file or code `/` is 404.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
            names = set(archive.namelist())
            if any(_WAR.fullmatch(name) for name in names):
                return "ROOT.war" in names and answers(archive.read("ROOT.war"))
            read = {name: archive.read(name) for name in ("WEB-INF/web.xml", "META-INF/MANIFEST.MF") if name in names}
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
        return False
    welcome = set(_WELCOME.findall(read.get("WEB-INF/web.xml", b"").decode(errors="replace")))
    runs = b"Main-Class:" in read.get("META-INF/MANIFEST.MF", b"") or any(_RUNS.fullmatch(name) for name in names)
    return runs or not names.isdisjoint(welcome | {"index.html", "index.htm", "index.jsp"})
