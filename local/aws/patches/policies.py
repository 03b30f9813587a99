"""Corrects moto's IAM policies where they differ from AWS."""

import json
import re

from moto.core.responses import ActionResult
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend
from moto.iam.policy_validation import IAMPolicyDocumentValidator
from moto.iam.responses import IamResponse

from local.aws.permissions import simulated
from local.settings import ACCOUNT, REGION


def install() -> None:
    # IAM accepts a policy without Version, and uses 2008-10-17. SAM generates such policies.
    IAMPolicyDocumentValidator._validate_version = lambda _: None
    attach = IAMBackend.attach_role_policy

    def attach_role_policy(backend: IAMBackend, policy_arn: str, role_name: str) -> None:
        # Loads one AWS managed policy. Moto would load all of them, which takes half a second.
        name = policy_arn.rsplit("/", 1)[1]
        entry = re.search(rf'^ "{re.escape(name)}":', aws_managed_policies_data, re.MULTILINE)
        if policy_arn not in backend.managed_policies and ":iam::aws:policy/" in policy_arn and entry:
            data, _ = json.JSONDecoder().raw_decode(aws_managed_policies_data, entry.end())
            policy = AWSManagedPolicy.from_data(name, ACCOUNT, REGION, data)
            backend.managed_policies[policy.arn] = policy
        attach(backend, policy_arn, role_name)

    IAMBackend.attach_role_policy = attach_role_policy
    IamResponse.simulate_principal_policy = _simulate_principal_policy


def _simulate_principal_policy(response: IamResponse) -> ActionResult:
    """Simulates IAM's policy simulator. It supports only roles, and no permissions boundaries or context keys."""
    role = response._get_param("PolicySourceArn")
    results = [
        {"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": simulated(role, action, resource)}
        for action in response._get_param("ActionNames", [])
        for resource in response._get_param("ResourceArns", ["*"])
    ]
    return ActionResult({"EvaluationResults": results, "IsTruncated": False})
