"""Records every API call, and refuses calls that moto accepts but AWS would refuse."""

import io
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from xml.etree import ElementTree

from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

from local.aws import encryption
from local.aws.actions import FILTERED, needs, source_bundle
from local.aws.conditions import conditions
from local.aws.permissions import Permissions, Principal, denial
from local.aws.policies import Context
from local.aws.refusals import REFUSALS, Refused
from local.aws.table_faults import Answer, TableFaults
from local.clock import timestamp
from local.faults import Faults

KEPT = 50_000
SIGNING_NAMES = {"monitoring": "cloudwatch"}
DENIED_CODES = {"s3": "AccessDenied", "sqs": "AccessDenied", "sns": "AuthorizationError"}


@dataclass(frozen=True)
class Call:
    service: str
    operation: str
    protocol: str
    parameters: dict[str, Any]
    principal: Principal


class Gateway:
    """WSGI middleware around moto."""

    def __init__(
        self,
        application: Callable[..., Iterable[bytes]],
        permissions: Permissions,
        faults: Faults,
        after: Callable[[], None],
    ) -> None:
        """`after` is called after each request, when its effects are visible."""
        self._application = application
        self._permissions = permissions
        self._faults = faults
        self._table_faults = TableFaults(faults)
        self._after = after
        self._lock = threading.Lock()
        self._calls: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def calls(self) -> list[dict[str, Any]]:
        """Returns the recorded calls, in the order of their responses.

        `time` is the time of the response, and `trace` identifies the invocation that made the call.
        """
        with self._lock:
            return list(self._calls)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        credential = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].split(",")[0].split("/")
        if len(credential) < 5:
            return self._application(environ, start_response)
        try:
            call = self._parsed(environ, credential[0], SIGNING_NAMES.get(credential[3], credential[3]))
        except (HTTPException, ValueError, TypeError, NotImplementedError):
            return self._application(environ, start_response)  # the application below this middleware reports the error
        try:
            self._check(call)
            status, headers, body = self._answered(environ, call)
        except Refused as refused:
            status, headers, body = _error(call, refused, environ["REQUEST_METHOD"])
        self._record(call, int(status.split()[0]), environ.get("HTTP_X_AMZN_TRACE_ID"))
        self._after()
        start_response(status, headers)
        return body

    def _record(self, call: Call, status: int, trace: str | None) -> None:
        entry = {"service": call.service, "action": call.operation, "principal": call.principal.name}
        with self._lock:  # the time is read here, so that the calls are ordered by time
            self._calls.append({"time": timestamp(datetime.now(UTC)), **entry, "status": status, "trace": trace})

    def _parsed(self, environ: dict[str, Any], access_key: str, service: str) -> Call:
        request = Request(environ)
        protocol = determine_request_protocol(get_service_model(service), request.content_type)
        # The router consumes the body, so the body is read here first. Uploads to S3 are not read, because they may be
        # large.
        body = b"" if service == "s3" else request.get_data(cache=True)
        environ["wsgi.input"] = io.BytesIO(body) if body else environ["wsgi.input"]
        operation, labels = get_service_router(service).match(request)
        if service == "s3" and not operation.has_streaming_input and (body := request.get_data(cache=True)):
            environ["wsgi.input"] = io.BytesIO(body)
        parsed = PROTOCOL_PARSERS[protocol](operation).parse(
            {
                "method": request.method,
                "values": request.args if service == "s3" else request.values,
                "headers": request.headers,
                "body": body,
                "url_path": request.path,
                "url_params": labels,
            }
        )
        return Call(service, operation.name, protocol, parsed, self._permissions.principal(access_key))

    def _check(self, call: Call) -> None:
        if call.service == "elasticbeanstalk":
            environment = call.parameters.get("EnvironmentName")
            if self._faults.strikes("throttle", environment, action=call.operation):
                raise Refused("Throttling", "Rate exceeded")
        context = conditions(call.service, call.operation, call.parameters)
        for action, resource in needs(call.service, call.operation, call.parameters):
            _must_be_allowed(call, action, resource, context)
        if call.service == "s3":
            _check_encryption(call)
        if call.service == "elasticbeanstalk" and (bundle := source_bundle(call.operation, call.parameters)):
            _bundle_must_be_allowed(call, bundle)
        if refusal := REFUSALS.get((call.service, call.operation)):
            refusal(call.parameters)

    def _answered(self, environ: dict[str, Any], call: Call) -> Answer:
        if call.service == "dynamodb" and call.principal.role:
            carry_out = partial(self._carried_out, environ)
            status, headers, body = self._table_faults.answer(call.operation, call.parameters, carry_out)
        else:
            status, headers, body = self._carried_out(environ)
        about = call.parameters.get("EnvironmentName")
        if status.startswith("2") and self._faults.strikes("fails-after-effect", about, action=call.operation):
            raise Refused("InternalFailure", "The request processing has failed because of an unknown error.", 500)
        if status.startswith("404") and call.operation in ("GetObject", "HeadObject"):
            # API reference, GetObject: a caller without s3:ListBucket gets 403 for a key that does not exist
            _must_be_allowed(call, "s3:ListBucket", f"arn:aws:s3:::{call.parameters['Bucket']}")
        if call.service == "elasticbeanstalk" and call.operation in FILTERED and call.principal.role:
            body = [_permitted(call, b"".join(body))]
            headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
            headers.append(("Content-Length", str(len(body[0]))))
        return status, headers, body

    def _carried_out(self, environ: dict[str, Any]) -> Answer:
        held: list[Any] = []
        body = self._application(environ, lambda *started: held.append(started))
        status, headers, *_ = held[0]
        return status, headers, body


def _check_encryption(call: Call) -> None:
    if encryption.lacks_customer_key(call.operation, call.parameters):
        raise Refused("InvalidRequest", encryption.CUSTOMER_KEY)
    for action, key, context in encryption.keys_used(call.operation, call.parameters):
        _must_be_allowed(call, action, key, context)


def _bundle_must_be_allowed(call: Call, bundle: dict[str, str]) -> None:
    bucket, key = bundle.get("S3Bucket"), bundle.get("S3Key")
    if denial(call.principal, "s3:GetObject", f"arn:aws:s3:::{bucket}/{key}"):
        raise Refused("InsufficientPrivilegesException", f"Access Denied: S3Bucket={bucket}, S3Key={key}", 403)


def _must_be_allowed(call: Call, action: str, resource: str, context: Context | None = None) -> None:
    if why := denial(call.principal, action, resource, context):
        usual = "AccessDeniedException" if "json" in call.protocol else "AccessDenied"
        raise Refused(DENIED_CODES.get(call.service, usual), why, 403)


def _permitted(call: Call, body: bytes) -> bytes:
    """Returns the XML of a list without the entries that the caller is not allowed to read."""
    document = ElementTree.fromstring(body)  # noqa: S314 - moto's own answer
    namespace = document.tag.partition("}")[0] + "}"
    ElementTree.register_namespace("", namespace.strip("{}"))
    is_complete = True
    for entries in document.findall(f"./{namespace}{call.operation}Result/*"):
        for entry in entries.findall(f"./{namespace}member"):
            fields = {field.tag.removeprefix(namespace): field.text or "" for field in entry}
            if denial(call.principal, f"elasticbeanstalk:{call.operation}", FILTERED[call.operation](fields)):
                entries.remove(entry)
                is_complete = False
    return body if is_complete else ElementTree.tostring(document)


def _error(call: Call, refused: Refused, method: str) -> Answer:
    """Serializes the error in the protocol of the call."""
    operation = get_service_model(call.service).operation_model(call.operation)
    error = get_serializer_class(call.service, call.protocol)(operation).serialize(refused)
    body = b"" if method == "HEAD" else error["body"].encode()
    # The JSON serializer also adds the header X-Amzn-Errortype. The mapping keeps only one such header, because clients
    # would join two of them into an unknown error code.
    headers = [*{"X-Amzn-Errortype": refused.code, **error["headers"], "Content-Length": str(len(body))}.items()]
    return f"{refused.status} {refused.code}", headers, [body]
