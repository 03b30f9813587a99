"""Corrects moto's IAM policies where they differ from AWS."""

import json
import re

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend
from moto.iam.policy_validation import IAMPolicyDocumentValidator

from local.settings import ACCOUNT, REGION


def install() -> None:
    # IAM accepts a policy without Version, and uses 2008-10-17. SAM generates such policies.
    IAMPolicyDocumentValidator._validate_version = lambda _: None
    attach = IAMBackend.attach_role_policy

    def attach_role_policy(backend: IAMBackend, policy_arn: str, role_name: str) -> None:
        # Moto loads either all AWS managed policies or none. Loading all takes half a second; this loads one policy.
        name = policy_arn.rsplit("/", 1)[1]
        entry = re.search(rf'^ "{re.escape(name)}":', aws_managed_policies_data, re.MULTILINE)
        if policy_arn not in backend.managed_policies and ":iam::aws:policy/" in policy_arn and entry:
            data, _ = json.JSONDecoder().raw_decode(aws_managed_policies_data, entry.end())
            policy = AWSManagedPolicy.from_data(name, ACCOUNT, REGION, data)
            backend.managed_policies[policy.arn] = policy
        attach(backend, policy_arn, role_name)

    IAMBackend.attach_role_policy = attach_role_policy
