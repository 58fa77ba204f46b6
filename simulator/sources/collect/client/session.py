"""AWS sessions and clients: credentials by boto3's own chain, patience, and the gate every call passes.

Retries are adaptive with 10 tries unless AWS_RETRY_MODE or AWS_MAX_ATTEMPTS say otherwise; AWS_ENDPOINT_URL works.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader, create_loader

from simulator.errors import CollectError, nearest
from simulator.sources.collect.client.failures import OperationUnknown, UnexpectedAnswer
from simulator.sources.collect.client.permissions import permitted
from simulator.sources.collect.options import ROLE_ARN, CollectOptions

GLOBAL_REGION = "us-east-1"
"""Cost Explorer, Price List, Savings Plans and Organizations answer there (rules.md#reading-an-account)."""
SESSION_NAME = "ml-spend-simulator"
HTML_TRIES = 2
RETRY_MODES = ("legacy", "standard", "adaptive")
MOST_TRIES = 100


@dataclass
class Calls:
    """Calls sent, by (service, operation), and the metrics asked for. Shared by all threads of a run."""

    count: Counter[tuple[str, str]] = field(default_factory=Counter)
    metrics: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def record(self, service: str, operation: str) -> None:
        """One call more."""
        with self._lock:
            self.count[service, operation] += 1

    def add_metrics(self, metrics: int) -> None:
        """Metrics of one GetMetricData call: what AWS bills."""
        with self._lock:
            self.metrics += metrics


class Account:
    """One AWS account: a session and its clients, made once and shared between threads."""

    def __init__(self, session: Any, options: CollectOptions, calls: Calls, role_arn: str = "") -> None:
        self.session = session
        self.role_arn = role_arn
        found = ROLE_ARN.fullmatch(role_arn)
        self.account_id = found[1] if found else ""
        self._options = options
        self.calls = calls
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    @property
    def default_region(self) -> str:
        """The region of the profile or environment, "" if none is set."""
        return str(self.session.region_name or "")

    @property
    def key(self) -> str:
        """Tells accounts apart in the store, also while the id is unknown."""
        return self.account_id or f"credentials {self.credentials_key()}"

    def credentials_key(self) -> str:
        """A hash of the access key's id: tells credentials apart where AWS does not say whose they are.

        Credentials that cannot be had are told of by the call that needs them.
        """
        name = ""
        with suppress(BotoCoreError, ClientError):
            if found := self.session.get_credentials():
                name = found.get_frozen_credentials().access_key
        return hashlib.sha256(str(name).encode()).hexdigest()[:16]

    def client(self, service: str, region: str) -> Any:
        """The client of a service in a region."""
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._client(service, region)
            return self._clients[service, region]

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    def _client(self, service: str, region: str) -> Any:
        client = self.session.client(service, region_name=region, config=_config(service, self._options))
        events = client.meta.events
        events.register("before-call", lambda model, **_: self._gate(service, model.name))
        events.register("before-parse", _refuse_broken_json)
        events.register("needs-retry", _give_up_on_html)
        return client

    def _gate(self, service: str, operation: str) -> None:
        if not permitted(service, operation):
            raise RuntimeError(f"{service}:{operation} is not in permissions.py: the collectors only read")
        self.calls.record(service, operation)


def open_account(options: CollectOptions, calls: Calls) -> Account:
    """The account of the credentials at hand. Raises CollectError when the profile does not exist, or a setting of the
    environment cannot be used."""
    _retries()
    try:
        session = boto3.session.Session(profile_name=options.profile, botocore_session=_core())
        known = session.available_profiles
    except BotoCoreError as error:
        raise CollectError(f"AWS configuration: {error}") from error
    wanted = options.profile or os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE")
    if wanted and wanted not in known:
        raise CollectError(
            f"profile {wanted} could not be found in the AWS configuration{nearest(wanted, known)}"
        )
    if options.regions and not session.region_name:  # a profile that assumes a role asks STS in a region
        session._session.set_config_variable("region", options.regions[0])
    return Account(session, options, calls)


def assumed(base: Account, role_arn: str, options: CollectOptions, calls: Calls) -> Account:
    """The account of a role; its credentials come with the first call and renew themselves."""
    core = _core()
    if options.profile:
        core.set_config_variable("profile", options.profile)
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=lambda *_, **__: base.client("sts", base.default_region or GLOBAL_REGION),
        source_credentials=base.session.get_credentials(),
        role_arn=role_arn,
        extra_args={"RoleSessionName": SESSION_NAME},
    )
    core._credentials = DeferredRefreshableCredentials(
        method="assume-role", refresh_using=fetcher.fetch_credentials
    )
    session = boto3.session.Session(botocore_session=core, region_name=base.default_region or None)
    return Account(session, options, calls, role_arn)


def _core() -> Any:
    """A botocore session; all of them share one loader, so that the service models are parsed once."""
    core = botocore.session.Session()
    core.register_component("data_loader", _loader())
    return core


@cache
def _loader() -> Loader:
    return create_loader()


def _config(service: str, options: CollectOptions) -> Config:
    path_style = service == "s3" and "AWS_ENDPOINT_URL" in os.environ
    return Config(
        retries=_retries(),
        connect_timeout=options.connect_timeout_seconds,
        read_timeout=options.read_timeout_seconds,
        max_pool_connections=2 * options.parallel,
        user_agent_extra="ml-spend-simulator",
        s3={"addressing_style": "path"} if path_style else None,
    )


def _retries() -> Any:
    """Mode and tries of the environment. Raises CollectError where they are none."""
    mode = os.environ.get("AWS_RETRY_MODE", "adaptive")
    tries = os.environ.get("AWS_MAX_ATTEMPTS", "10")
    if mode not in RETRY_MODES:
        raise CollectError(f"AWS_RETRY_MODE: expected one of {', '.join(RETRY_MODES)}, not {mode!r:.40}")
    if not (tries.isascii() and tries.isdecimal() and 1 <= int(tries[:9]) <= MOST_TRIES):
        raise CollectError(
            f"AWS_MAX_ATTEMPTS: expected a whole number from 1 to {MOST_TRIES}, not {tries!r:.40}"
        )
    return {"mode": mode, "total_max_attempts": int(tries)}


def _refuse_broken_json(operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
    """botocore reads a broken JSON answer as an empty one: say so instead."""
    protocol = operation_model.service_model.resolved_protocol
    if protocol not in ("json", "rest-json") or response_dict["status_code"] >= 300:
        return
    try:
        json.loads(response_dict["body"])
    except ValueError as error:
        raise UnexpectedAnswer(f"not JSON: {response_dict['body'][:60]!r}") from error


def _give_up_on_html(response: Any, attempts: int, **_: Any) -> None:
    """An HTML page with status 500 or 501 is a server that does not know the operation, not a passing fault."""
    if response is None or attempts < HTML_TRIES:
        return
    http, _parsed = response
    kind = str(http.headers.get("content-type", ""))
    if http.status_code in (500, 501) and kind.startswith("text/html"):
        raise OperationUnknown(f"HTTP {http.status_code} with an HTML page")
