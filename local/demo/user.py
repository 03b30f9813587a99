"""The actions of a user: configures an application, drops a file, and sends a command."""

import io
import json
import shlex
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

from local.cloud import Cloud
from local.settings import REGION

WEBAPP = Path(__file__).parent / "webapp"
FAILED = (Path(__file__).parent / "failed-start.log").read_text()


@dataclass(frozen=True)
class Bundle:
    name: str
    content: bytes


def example_war(name: str, *, answers: bool, settings: str = "") -> Bundle:
    """A WAR of the example web application. Without its pages, Tomcat cannot answer a request for `/`.

    `settings` is the content of a file in `.ebextensions`.
    """
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(WEBAPP.rglob("*")):
            if path.is_file() and (answers or path.suffix != ".jsp"):
                archive.write(path, path.relative_to(WEBAPP))
        if settings:
            archive.writestr(".ebextensions/settings.config", settings)
    return Bundle(name, written.getvalue())


@dataclass(frozen=True)
class Drop:
    """A bundle in a folder of the drop bucket: `shop/`, or `shop/shop-staging/`."""

    bundle: Bundle
    bucket: str
    folder: str

    @property
    def command(self) -> str:
        target = f"s3://{self.bucket}/{self.folder}/"
        return f"aws s3 cp {shlex.quote(self.bundle.name)} {target} --metadata dropped-by=demo"

    @property
    def location(self) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": f"{self.folder}/{self.bundle.name}"}


class User:
    """Performs the actions by AWS's SDK, and shows them as the shell commands that a person would type."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._s3 = cloud.client("s3")
        self._ssm = cloud.client("ssm")
        self._bucket = cloud.outputs["DropBucket"]
        self._url = cloud.outputs["RunCommandUrl"]

    def configure(self, application: str, document: str) -> str:
        """Writes the configuration of an application. Returns the equivalent shell command."""
        name = f"/wardrop/applications/{application}"
        self._ssm.put_parameter(Name=name, Value=document, Type="String", Overwrite=True)
        return f"aws ssm put-parameter --name {name} --type String --overwrite --value {shlex.quote(document)}"

    def drop(self, bundle: Bundle, folder: str) -> Drop:
        drop = Drop(bundle, self._bucket, folder)
        self._s3.put_object(**drop.location, Body=bundle.content, Metadata={"dropped-by": "demo"})
        return drop

    def fail(self, environment: str) -> None:
        """The next deployment log of the environment has what Tomcat wrote when an application did not start."""
        self._cloud.control("POST", "/faults", {"fault": "deployment-log", "environment": environment, "text": FAILED})

    def tags(self, drop: Drop) -> dict[str, str]:
        """The tags of the dropped file, by which Wardrop reports the outcome."""
        answer = self._s3.get_object_tagging(**drop.location)
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    def curl(self, request: dict[str, Any]) -> str:
        """The shell command that sends a request to the function URL."""
        sign = f'curl --aws-sigv4 "aws:amz:{REGION}:lambda" --user test:test'
        return f"{sign} -H 'Content-Type: application/json' -d '{json.dumps(request)}' {self._url}"

    def send(self, request: dict[str, Any]) -> dict[str, Any]:
        signed = AWSRequest("POST", self._url, {"Content-Type": "application/json"}, json.dumps(request).encode())
        SigV4Auth(Credentials("test", "test"), "lambda", REGION).add_auth(signed)
        answer: dict[str, Any] = json.loads(URLLib3Session().send(signed.prepare()).content)
        return answer
