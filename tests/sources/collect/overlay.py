"""A WSGI overlay on moto: names each call, records it, injects faults, and answers what moto cannot.

Gaps of moto 5.2.1 that it fills: inference components, Studio apps and spaces, Bedrock listings, Cost Explorer by
question, Savings Plans, Price List; GetMetricData by exact dimensions and in pages.
"""

from __future__ import annotations

import json
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from tests.sources.collect.world import WORLD

SIGNED_AS = {
    "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi",
    "elasticfilesystem": "efs",
}
REST = (
    ("bedrock", "/foundation-models", "ListFoundationModels", "modelSummaries"),
    ("bedrock", "/imported-models", "ListImportedModels", "modelSummaries"),
    ("bedrock", "/inference-profiles", "ListInferenceProfiles", "inferenceProfileSummaries"),
    (
        "bedrock",
        "/provisioned-model-throughputs",
        "ListProvisionedModelThroughputs",
        "provisionedModelSummaries",
    ),
    ("savingsplans", "/DescribeSavingsPlans", "DescribeSavingsPlans", "savingsPlans"),
)
BESIDE = {
    ("logs", "DescribeLogGroups"): "logGroups",
    ("fsx", "DescribeFileSystems"): "FileSystems",
    ("efs", "DescribeFileSystems"): "FileSystems",
}
S3_QUESTIONS = (
    ("location", "GetBucketLocation"), ("lifecycle", "GetBucketLifecycleConfiguration"),
    ("versioning", "GetBucketVersioning"), ("tagging", "GetBucketTagging"), ("uploadId", "ListParts"),
    ("intelligent-tiering", "ListBucketIntelligentTieringConfigurations"), ("uploads", "ListMultipartUploads"),
)  # fmt: skip
LISTS = {
    "ListInferenceComponents": "InferenceComponents", "ListApps": "Apps", "ListSpaces": "Spaces",
    "ListMlflowTrackingServers": "TrackingServerSummaries",
}  # fmt: skip
DESCRIBES = {
    "DescribeInferenceComponent": "InferenceComponentName", "DescribeApp": "AppName",
    "DescribeMlflowTrackingServer": "TrackingServerName",
}  # fmt: skip
XML_SERVICES = ("s3", "sts")
Answer = tuple[int, str, bytes]


class Faults:
    """Rules of what goes wrong.

    A rule has service and kind, and may have operation, region, ratio, after, times and seconds.
    """

    def __init__(self) -> None:
        self.rules: list[dict[str, Any]] = []
        self._dice = random.Random(7)
        self._seen: dict[int, int] = {}
        self._lock = threading.Lock()

    def set(self, rules: list[dict[str, Any]]) -> None:
        with self._lock:
            self.rules, self._seen, self._dice = rules, {}, random.Random(7)

    def of(self, service: str, operation: str, region: str) -> dict[str, Any] | None:
        """The rule that hits this call, if any."""
        with self._lock:
            for at, rule in enumerate(self.rules):
                if rule["service"] not in ("*", service) or rule.get("operation", operation) != operation:
                    continue
                if rule.get("region", region) != region:
                    continue
                self._seen[at] = self._seen.get(at, 0) + 1
                hit = self._seen[at] > rule.get("after", 0) and self._seen[at] <= rule.get(
                    "times", self._seen[at]
                )
                if hit and self._dice.random() < rule.get("ratio", 1.0):
                    return rule
        return None


class Overlay:
    """The WSGI application."""

    def __init__(self, moto: Callable[..., Iterable[bytes]]) -> None:
        self.moto = moto
        self.calls: list[tuple[str, str, str]] = []
        self.faults = Faults()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/_standin/"):
            return self._control(environ, start_response)
        body = read_body(environ)
        service, region = scope(environ)
        operation = operation_of(service, environ, body)
        self.calls.append((service, operation, region))
        rule = self.faults.of(service, operation, region)
        if rule and rule["kind"] == "slow":
            time.sleep(rule["seconds"])
        elif rule:
            return fail(rule["kind"], service, environ, start_response)
        answer = own_answer(service, operation, environ, body)
        return send(answer, start_response) if answer else self.moto(environ, start_response)

    def _control(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        verb = environ["PATH_INFO"].rpartition("/")[2]
        data = json.loads(read_body(environ) or b"null")
        if verb == "reset":
            WORLD.reset()
            self.faults.set([])
            self.calls.clear()
        elif verb == "seed":
            WORLD.seed(data)
        elif verb == "faults":
            self.faults.set(data)
        elif verb == "forget":
            self.calls.clear()
        return send((200, "application/json", json.dumps(self.calls).encode()), start_response)


def scope(environ: dict[str, Any]) -> tuple[str, str]:
    """Service and region from the SigV4 credential scope."""
    found = re.search(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
    return (SIGNED_AS.get(found[2], found[2]), found[1]) if found else ("", "")


def operation_of(service: str, environ: dict[str, Any], body: bytes) -> str:
    """Name of the operation: target header, RPC path, form field or REST path."""
    path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target.rpartition(".")[2])
    if service == "efs" and path.startswith("/2015-02-01/file-systems"):
        return "DescribeFileSystems"
    if "/operation/" in path:
        return str(path.rpartition("/")[2])
    if service == "sts":
        return parse_qs(body.decode())["Action"][0]
    for name, prefix, operation, _ in REST:
        if name == service and path.startswith(prefix):
            return operation
    if service == "s3":
        asked = parse_qs(query, keep_blank_values=True)
        read = "ListBuckets" if path == "/" else next((o for q, o in S3_QUESTIONS if q in asked), "GetObject")
        return read if environ["REQUEST_METHOD"] == "GET" else f"{environ['REQUEST_METHOD']} {path}?{query}"
    return f"{environ['REQUEST_METHOD']} {path}"


def own_answer(service: str, operation: str, environ: dict[str, Any], body: bytes) -> Answer | None:
    """An answer moto cannot give; None leaves the call to moto."""
    if service == "sagemaker" and operation in (*LISTS, *DESCRIBES):
        return as_json(sagemaker_answer(operation, json.loads(body)))
    if field := BESIDE.get((service, operation)):
        prefix = json.loads(body).get("logGroupNamePrefix", "") if body else ""
        items = WORLD.answers.get((service, operation), [])
        return as_json({field: [i for i in items if str(i.get("logGroupName", "")).startswith(prefix)]})
    for name, _, rest_operation, field in REST:
        if (service, operation) == (name, rest_operation):
            return as_json(rest_answer(operation, field, environ, body))
    if service == "ce":
        return as_json(COST[operation](json.loads(body)))
    if service == "pricing":
        return as_json(price_answer(json.loads(body)))
    if operation == "ListBucketIntelligentTieringConfigurations":
        return 200, "application/xml", b"<Result><IsTruncated>false</IsTruncated></Result>"
    return None


def sagemaker_answer(operation: str, question: dict[str, Any]) -> dict[str, Any]:
    if operation in LISTS:
        items = WORLD.answers.get(("sagemaker", operation), [])
        return paged(items, LISTS[operation], question.get("NextToken"), "NextToken")
    field = DESCRIBES[operation]
    items = WORLD.answers.get(("sagemaker", operation), [])
    return next(i for i in items if i[field] == question[field])


def rest_answer(operation: str, field: str, environ: dict[str, Any], body: bytes) -> dict[str, Any]:
    question = {k: v[0] for k, v in parse_qs(environ.get("QUERY_STRING", "")).items()}
    if body:
        question |= json.loads(body)
    service = "savingsplans" if operation == "DescribeSavingsPlans" else "bedrock"
    items = WORLD.answers.get((service, operation), [])
    kind = question.get("type") or question.get("typeEquals")
    if kind:
        items = [i for i in items if i.get("type") == kind]
    if question.get("states"):
        items = [i for i in items if i.get("state") in question["states"]]
    if operation == "ListFoundationModels":
        return {field: items}
    return paged(items, field, question.get("nextToken"), "nextToken")


def paged(items: list[Any], field: str, token: str | None, token_field: str) -> dict[str, Any]:
    start = int(token or 0)
    end = start + WORLD.items_per_page
    more = {token_field: str(end)} if end < len(items) else {}
    return {field: items[start:end], **more}


def cost_and_usage(question: dict[str, Any]) -> dict[str, Any]:
    """The seeded cost lines that pass the filter, summed by the groups asked for, in one period, in pages."""
    keys = [g["Key"] for g in question["GroupBy"]]
    sums: dict[tuple[str, ...], list[float]] = {}
    units: dict[tuple[str, ...], str] = {}
    for line in WORLD.costs:
        if passes(question["Filter"], line):
            key = tuple(line.get(k, "") for k in keys)
            total = sums.setdefault(key, [0.0, 0.0])
            units[key] = line.get("unit", "N/A")
            total[0] += line["usd"]
            total[1] += line.get("quantity", 0.0)
    groups = [
        {
            "Keys": list(k),
            "Metrics": {"UnblendedCost": amount(c, "USD"), "UsageQuantity": amount(q, units[k])},
        }
        for k, (c, q) in sums.items()
    ]
    page = paged(groups, "Groups", question.get("NextPageToken"), "NextPageToken")
    result = {
        "TimePeriod": question["TimePeriod"],
        "Total": {},
        "Groups": page.pop("Groups"),
        "Estimated": False,
    }
    return {"ResultsByTime": [result], "DimensionValueAttributes": [], **page}


def amount(value: float, unit: str) -> dict[str, str]:
    return {"Amount": repr(value), "Unit": unit}


def passes(expression: dict[str, Any], line: dict[str, Any]) -> bool:
    """Whether a cost line matches a Cost Explorer filter."""
    if "And" in expression:
        return all(passes(e, line) for e in expression["And"])
    if "Not" in expression:
        return not passes(expression["Not"], line)
    wanted = expression["Dimensions"]
    default = "Usage" if wanted["Key"] == "RECORD_TYPE" else ""
    return line.get(wanted["Key"], default) in wanted["Values"]


def dimension_values(question: dict[str, Any]) -> dict[str, Any]:
    values = sorted({line[question["Dimension"]] for line in WORLD.costs})
    return {
        "DimensionValues": [{"Value": v} for v in values],
        "ReturnSize": len(values),
        "TotalSize": len(values),
    }


COST: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "GetCostAndUsage": cost_and_usage,
    "GetDimensionValues": dimension_values,
}


def price_answer(question: dict[str, Any]) -> dict[str, Any]:
    usage_type = question["Filters"][0]["Value"]
    usd = WORLD.prices.get(usage_type)
    if usd is None:
        return {"FormatVersion": "aws_v1", "PriceList": []}
    dimension = {"unit": "Hrs", "pricePerUnit": {"USD": f"{usd:.10f}"}}
    term = {"effectiveDate": "2026-09-01T00:00:00Z", "priceDimensions": {"a": dimension}}
    product = {"product": {"attributes": {"usagetype": usage_type}}, "terms": {"OnDemand": {"t": term}}}
    return {"FormatVersion": "aws_v1", "PriceList": [json.dumps(product)]}


def metric_data(self: CloudWatchResponse) -> ActionResult:
    """GetMetricData by exact dimensions; cut into pages of `points_per_page` points, a metric may span pages."""
    question = self._get_params()
    start, end = (t.replace(tzinfo=UTC).timestamp() for t in (question["StartTime"], question["EndTime"]))
    skip = int(question.get("NextToken") or 0)
    results, seen, left = [], 0, WORLD.points_per_page
    token = {}
    for query in question["MetricDataQueries"]:
        points = list(WORLD.metric(self.region, query, start, end))
        before, seen = seen, seen + len(points)
        if seen < skip or (seen == skip and points and skip):
            continue
        fresh = points[max(skip - before, 0) :]
        now, later = fresh[:left], fresh[left:]
        left -= len(now)
        name = query["MetricStat"]["Metric"]["MetricName"]
        names = {name, *(d["Value"] for d in query["MetricStat"]["Metric"].get("Dimensions", ()))}
        status = "PartialData" if later or names & WORLD.partial_metrics else "Complete"
        results.append(
            {
                "Id": query["Id"],
                "Label": name,
                "Timestamps": [datetime.fromtimestamp(at, UTC) for at, _ in now],
                "Values": [value for _, value in now],
                "StatusCode": status,
            }
        )
        if later:
            token = {"NextToken": str(before + max(skip - before, 0) + len(now))}
            break
    return ActionResult({"MetricDataResults": results, **token})


CloudWatchResponse.get_metric_data = metric_data  # type: ignore[method-assign]


def as_json(answer: dict[str, Any]) -> Answer:
    return 200, "application/x-amz-json-1.1", json.dumps(answer).encode()


def send(
    answer: Answer, start_response: Callable[..., Any], extra: tuple[tuple[str, str], ...] = ()
) -> list[bytes]:
    status, kind, body = answer
    headers = [("Content-Type", kind), ("Content-Length", str(len(body))), *extra]
    start_response(f"{status} status", headers)
    return [body]


ERRORS = {
    "denied": (403, "AccessDeniedException", "User is not authorized to perform this action"),
    "throttled": (400, "ThrottlingException", "Rate exceeded"),
    "expired": (400, "ExpiredTokenException", "The security token included in the request is expired"),
    "skew": (
        403,
        "SignatureDoesNotMatch",
        "Signature expired: 20260101T000000Z is now earlier than 20260101T005500Z (20260101T010000Z - 5 min.)",
    ),
    "gone": (400, "ValidationException", "Could not find training job"),
    "bad_token": (400, "ValidationException", "Invalid pagination token"),
}


def fail(
    kind: str, service: str, environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """One fault as the service's protocol words it."""
    if kind == "cut":
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError("cut on purpose")
    if kind == "html500":
        return send((500, "text/html", b"<!doctype html><title>NotImplementedError</title>"), start_response)
    if kind == "500":
        return send((500, "application/json", b'{"__type": "InternalFailure"}'), start_response)
    if kind == "hollow":
        return send((200, "application/x-amz-json-1.1", b"{}"), start_response)
    if kind == "malformed":
        return send((200, "application/x-amz-json-1.1", b'{"TrainingJobSummaries": [{"Trai'), start_response)
    status, code, message = ERRORS[kind]
    cbor = "/operation/" in environ["PATH_INFO"]
    return send(
        error_answer(service, cbor, status, code, message), start_response, error_headers(service, cbor, code)
    )


def error_answer(service: str, cbor: bool, status: int, code: str, message: str) -> Answer:
    if service in XML_SERVICES:
        short = {"AccessDeniedException": "AccessDenied", "ThrottlingException": "SlowDown"}.get(code, code)
        inner = f"<Error><Code>{short}</Code><Message>{message}</Message></Error>"
        body = inner if service == "s3" else f"<ErrorResponse>{inner}<RequestId>r</RequestId></ErrorResponse>"
        return (503 if short == "SlowDown" else status), "application/xml", body.encode()
    if cbor:
        return status, "application/cbor", cbor_map({"__type": code, "message": message})
    return status, "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message}).encode()


def error_headers(service: str, cbor: bool, code: str) -> tuple[tuple[str, str], ...]:
    if cbor:
        return (("smithy-protocol", "rpc-v2-cbor"),)
    return () if service in XML_SERVICES else (("x-amzn-errortype", code),)


def cbor_map(texts: dict[str, str]) -> bytes:
    """A small map of texts in CBOR (RFC 8949)."""
    return bytes([0xA0 + len(texts)]) + b"".join(cbor_text(k) + cbor_text(v) for k, v in texts.items())


def cbor_text(text: str) -> bytes:
    data = text.encode()
    head = bytes([0x60 + len(data)]) if len(data) < 24 else bytes([0x78, len(data)])
    return head + data


def read_body(environ: dict[str, Any]) -> bytes:
    """The request's body, left readable for moto."""
    import io

    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(body)
    return bytes(body)
