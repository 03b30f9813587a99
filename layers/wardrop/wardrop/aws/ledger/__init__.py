"""The ledger, a DynamoDB table: one module for each subject that it records."""

from wardrop.aws.ledger.ledger import Ledger as Ledger
from wardrop.deployments.record import ActiveEnvironments as Active
from wardrop.deployments.record import EnvironmentRecord as Now

__all__ = ["Active", "Ledger", "Now"]
