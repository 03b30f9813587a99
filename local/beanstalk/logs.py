"""Writes deployment logs, and the instances' tail logs, to Beanstalk's bucket.

AWS documents the object key and the content ("Deployment logs"), but not the format of the lines. Here, the lines have
the format of the log of eb-engine.
"""

from typing import Any

from . import bundles
from .options import PROPERTIES

FOLDER = "resources/environments/logs"
DISABLED = (PROPERTIES, "EB_DEPLOYMENT_LOG_S3_DISABLED")
MOST_BYTES = 2**20
UPLOAD_SECONDS = 10


def write(update: Any) -> None:
    """Uploads the log of an update that has ended. The log contains the output of one server.

    If the fault `deployment-log` is active, its text replaces this output. The instances have the same text in their
    own logs, even if no log is uploaded.
    """
    environment = update.environment
    fault = environment.region.service.faults.strikes("deployment-log", environment.name)
    environment.printed = fault.parameters["text"] if fault else environment.fleet.log(environment)
    if environment.settings.get(DISABLED) == "true":
        return
    end = f"[INFO] Completed {update.operation}" if update.successful else f"[ERROR] {update.operation} failed."
    lines = [
        f"{update.started:%Y/%m/%d %H:%M:%S.%f} [INFO] Starting {update.operation}",
        *([environment.printed] if environment.printed else []),
        f"{environment.now():%Y/%m/%d %H:%M:%S.%f} {end}",
    ]
    _put(environment, f"deployments/{environment.id}/eb-deployment-{update.request_id}.log", "\n".join(lines))


def write_tails(environment: Any) -> None:
    """Uploads the tail logs of all instances. The links are available after UPLOAD_SECONDS."""
    at = environment.now()
    heading = f"{'-' * 40}\n/var/log/eb-engine.log\n{'-' * 40}"
    start = f"{heading}\n{at:%Y/%m/%d %H:%M:%S.%f} [INFO] {environment.version_label}"
    for instance in environment.instances:
        text = f"{start}\n{environment.fleet.printed(instance) or environment.printed}\n"
        key = f"tail/{environment.id}/{instance.id}/TailLogs-{int(at.timestamp() * 1000)}.out"
        _put(environment, key, text)
        environment.tails.append((instance.id, f"{FOLDER}/{key}", at))


def tails(environment: Any) -> list[dict[str, Any]]:
    """Returns the signed links, in the form of AWS's example (AWS CLI reference, retrieve-environment-info)."""
    host = f"https://{environment.region.bucket}.s3.amazonaws.com"
    clock = environment.region.service.clock
    return [
        {
            "InfoType": "tail",
            "Ec2InstanceId": instance,
            "SampleTimestamp": at,
            "Message": f"{host}/{key}?AWSAccessKeyId=AKIDEXAMPLE&Expires=1440195891&Signature=0123456789abcdef",
        }
        for instance, key, at in environment.tails
        if clock.seconds_since(at) >= UPLOAD_SECONDS
    ]


def _put(environment: Any, key: str, text: str) -> None:
    region = environment.region
    region.create_bucket()
    bundles.storage(region.account_id).put_object(region.bucket, f"{FOLDER}/{key}", text.encode()[:MOST_BYTES])
