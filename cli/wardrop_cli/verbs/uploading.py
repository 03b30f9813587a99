"""Uploads a file to the drop bucket, with a progress bar on a terminal."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wardrop_cli import report
from wardrop_cli.bundle_file import BundleFile
from wardrop_cli.failures import Interrupted, usage
from wardrop_cli.session import Session

if TYPE_CHECKING:
    from wardrop_cli.aws.uploads import Reports, Upload


@dataclass(frozen=True)
class Dropped:
    bucket: str
    key: str
    version_id: str | None
    application: str
    environment: str | None

    @property
    def document(self) -> dict[str, Any]:
        drop = f"s3://{self.bucket}/{self.key}" + (f"#{self.version_id}" if self.version_id else "")
        place = {"bucket": self.bucket, "key": self.key, "version_id": self.version_id}
        return {"answer": "dropped", "drop": drop, **place, "outcome": None, "deployments": []}


def upload(session: Session, bundle: BundleFile, to: tuple[str, str | None], metadata: Mapping[str, str]) -> Dropped:
    from wardrop_cli.aws.uploads import PATIENCE, Destination, Upload

    application, environment = to
    if any("/" in name for name in (application, environment or "")):
        raise usage("names of applications in a key cannot contain a slash", "Rename the application.")
    outputs = session.account.outputs
    parts = [application, environment, bundle.name] if environment else [application, bundle.name]
    key = outputs.drop_prefix + "/".join(parts)
    s3 = session.account.client("s3", PATIENCE)
    with _reports(bundle, as_json=session.settings.json) as reports:
        sent = Upload(s3, reports)
        try:
            version_id = sent(bundle, Destination(outputs.drop_bucket, key, dict(metadata)))
        except KeyboardInterrupt:
            raise _interrupted(sent, environment or application) from None
    return Dropped(outputs.drop_bucket, key, version_id, application, environment)


def _interrupted(sent: "Upload", target: str) -> Interrupted:
    """`target` is an environment or an application."""
    if not sent.may_be_stored:
        return Interrupted("the upload was interrupted, and nothing was dropped")
    unknown = "the upload was interrupted, and it is not known whether the file was dropped"
    return Interrupted(f"{unknown}. Check: wardrop status {target}")


@contextmanager
def _reports(bundle: BundleFile, *, as_json: bool) -> "Iterator[Reports]":
    """Uploads the file, with a progress bar on a terminal."""
    from wardrop_cli.aws.uploads import Reports

    if as_json or not sys.stdout.isatty():
        yield Reports(lambda _count: None, report.print_note)
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    columns = (TextColumn("{task.fields[file]}", markup=False), BarColumn(20), DownloadColumn())
    with Progress(*columns, console=report.console(), transient=True) as progress:
        task = progress.add_task("", total=bundle.size, file=report.short(bundle.name, 40))
        yield Reports(lambda count: progress.advance(task, count), lambda text: progress.console.print(f"! {text}"))
