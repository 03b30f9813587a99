"""IAM's policies, where moto's are not as AWS's."""

import json
import re

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend
from moto.iam.policy_validation import IAMPolicyDocumentValidator

from local.settings import ACCOUNT, REGION


def install() -> None:
    # IAM takes a policy without Version, which then is 2008-10-17; so SAM writes some of its own
    IAMPolicyDocumentValidator._validate_version = lambda _: None
    attach = IAMBackend.attach_role_policy

    def attach_role_policy(backend: IAMBackend, policy_arn: str, role_name: str) -> None:
        # moto reads all of AWS's own policies, or none; reading all takes half a second
        name = policy_arn.rsplit("/", 1)[1]
        found = re.search(rf'^ "{re.escape(name)}":', aws_managed_policies_data, re.MULTILINE)
        if policy_arn not in backend.managed_policies and ":iam::aws:policy/" in policy_arn and found:
            data, _ = json.JSONDecoder().raw_decode(aws_managed_policies_data, found.end())
            policy = AWSManagedPolicy.from_data(name, ACCOUNT, REGION, data)
            backend.managed_policies[policy.arn] = policy
        attach(backend, policy_arn, role_name)

    IAMBackend.attach_role_policy = attach_role_policy
