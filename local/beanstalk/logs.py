"""Deployment logs, and the ends of the logs of instances, in Beanstalk's bucket.

AWS documents the key and the content ("Deployment logs"), but not the form of the lines. Here it is that of eb-engine.
"""

from typing import Any

from . import bundles
from .options import PROPERTIES

FOLDER = "resources/environments/logs"
DISABLED = (PROPERTIES, "EB_DEPLOYMENT_LOG_S3_DISABLED")
MOST_BYTES = 2**20


def write(update: Any) -> None:
    """Uploads the log of an update that has ended. The fault `deployment-log` adds its text to the log."""
    environment = update.environment
    if environment.settings.get(DISABLED) == "true":
        return
    fault = environment.region.service.faults.strikes("deployment-log", environment.name)
    end = f"[INFO] Completed {update.operation}" if update.successful else f"[ERROR] {update.operation} failed."
    lines = [
        f"{update.started:%Y/%m/%d %H:%M:%S.%f} [INFO] Starting {update.operation}",
        *([fault.parameters["text"]] if fault else []),
        f"{environment.now():%Y/%m/%d %H:%M:%S.%f} {end}",
    ]
    _put(environment, f"deployments/{environment.id}/eb-deployment-{update.request_id}.log", "\n".join(lines))


def write_tail(environment: Any, instance: str) -> None:
    """Uploads the end of the logs of an instance."""
    text = f"{environment.now():%Y/%m/%d %H:%M:%S.%f} [INFO] {environment.version_label}"
    _put(
        environment,
        f"tail/{environment.id}/{instance}.txt",
        f"{'-' * 40}\n/var/log/eb-engine.log\n{'-' * 40}\n{text}\n",
    )


def tails(environment: Any) -> dict[str, str]:
    """The signed link to the end of the logs of each instance. The form of the link is an assumption."""
    bucket, folder = environment.region.bucket, f"{FOLDER}/tail/{environment.id}/"
    stored = bundles.storage(environment.region.account_id).buckets.get(bucket)
    names = [key.removeprefix(folder) for key in stored.keys if key.startswith(folder)] if stored else []
    host = f"https://{bucket}.s3.amazonaws.com"
    return {name.removesuffix(".txt"): f"{host}/{folder}{name}?X-Amz-Signature=0123456789abcdef" for name in names}


def _put(environment: Any, key: str, text: str) -> None:
    region = environment.region
    region.create_bucket()
    bundles.storage(region.account_id).put_object(region.bucket, f"{FOLDER}/{key}", text.encode()[:MOST_BYTES])
