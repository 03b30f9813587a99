"""What is data, in the JSON files beside this one.

`options`: by namespace and name, `*` for any name. DeploymentPolicy names the policies that there are here.
`events`: what Beanstalk tells, by a name of ours, INFO unless said; texts are verbatim from public logs, trailing
spaces and double dots included. With `status` those that the developer guide's table maps ("Using Elastic Beanstalk
with Amazon EventBridge"). Not in it: failed application deployments (here `optional`), aborts, batches and instances
of a deployment, versions.
`defaults`: quotas of an account in a region (AWS General Reference, "Elastic Beanstalk"; the last two are unverified),
the tier and the lifecycle of who asks for none, and what an idle instance reports.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def table(name: str) -> Any:
    return json.loads(Path(__file__).with_name(f"{name}.json").read_text())
