"""The data in the JSON files beside this file.

`options`: the options by namespace and name; `*` is any name. The values of DeploymentPolicy are the policies that are
implemented here.
`events`: Beanstalk's events by a name of this project, with severity INFO if none is given. Texts are verbatim from
public logs, including trailing spaces and double dots. Events with a `status` are in the developer guide's table
("Using Elastic Beanstalk with Amazon EventBridge"). The table does not contain failed application deployments (here
`optional`), aborts, batches and instances of a deployment, and versions.
`defaults`: quotas of an account in a region (AWS General Reference, "Elastic Beanstalk"; the last two are unverified),
the tier and the lifecycle for requests without one, and the report of an idle instance.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def table(name: str) -> Any:
    return json.loads(Path(__file__).with_name(f"{name}.json").read_text())
