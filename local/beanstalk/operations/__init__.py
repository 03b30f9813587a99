"""The operations of the API. `responses` has the wire format."""

from .applications import Applications
from .configurations import Configurations
from .environments import Environments
from .managed_actions import ManagedActions
from .reports import Reports


class Operations(Applications, Environments, Configurations, ManagedActions, Reports):
    """One request. Each method is the API operation with the same name, and returns the operation's result."""
