"""Reads the tables in the JSON files of this folder.

`options` contains the options, keyed by namespace and name. The name `*` matches any name. The values of
DeploymentPolicy are the implemented policies. DescribeConfigurationOptions does not list options that are marked as
`Unlisted`, because there is no public description of these options.

`events` contains Beanstalk's events, keyed by a name that only this project uses. The default severity is INFO. The
messages are copied exactly from public logs, including trailing spaces and double dots. Events with a `status` are in
the developer guide's table ("Using Elastic Beanstalk with Amazon EventBridge"). That table does not contain events
about aborts, versions, the batches and instances of a deployment, or failed application deployments. The events about
failed application deployments are marked as `optional`.

`witnesses` names the source of each event, cause and error. `eb_cli` contains the shapes that the service model of the
EB CLI 3.27 has and botocore's model does not have.

`defaults` contains the quotas of an account in a region, the default tier and lifecycle, and the report of an idle
instance. The quotas are from the AWS General Reference, "Elastic Beanstalk". The last two quotas are unverified.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def table(name: str) -> Any:
    return json.loads(Path(__file__).with_name(f"{name}.json").read_text())
