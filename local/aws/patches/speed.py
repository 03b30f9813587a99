"""Makes moto's start and its requests faster."""

import sys
import types
from functools import cache

from moto.core import responses as core_responses
from moto.core import utils as core_utils
from moto.core.loaders import create_loader
from moto.core.responses import method_names_from_class
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from werkzeug.routing import Rule


def install() -> None:
    # Moto's SSM imports moto's EC2, which takes a second. SSM needs it only for RunCommand, which the stand-in does not
    # use.
    sys.modules.setdefault("moto.ec2", types.ModuleType("moto.ec2")).__dict__.setdefault("ec2_backends", None)
    # The stand-in only matches URLs and never builds them. Compiling a builder for each rule takes half a second.
    Rule._compile_builder = lambda *_: lambda *_, **__: ("", "")  # type: ignore[method-assign]
    # Moto creates a loader for each service's model, and each loader first lists all folders of botocore.
    core_utils.create_loader = cache(create_loader)
    # Moto lists the methods of a service's class for each request.
    core_responses.method_names_from_class = cache(method_names_from_class)
    # For each request, moto lists its own folder and compares the address with every service. This takes up to 1 ms.
    DomainDispatcherApplication.get_backend_for_host = cache(DomainDispatcherApplication.get_backend_for_host)
