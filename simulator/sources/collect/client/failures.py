"""What went wrong with a call, in words, and what that means for the source: denied, throttled or unsupported.

A failed call is never an empty answer. Expired credentials and a wrong clock end the run: nothing after them works.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import ParseError

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from simulator.errors import CollectError

DENIED = {
    "AccessDenied", "AccessDeniedException", "AllAccessDisabled", "AuthorizationError", "AuthorizationErrorException",
    "Forbidden", "InvalidClientTokenId", "NotAuthorized", "OptInRequired", "SubscriptionRequiredException",
    "UnauthorizedException", "UnauthorizedOperation", "UnrecognizedClientException", "403",
}  # fmt: skip
THROTTLED = {
    "BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededException", "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled",
    "RequestThrottledException", "SlowDown", "ThrottledException", "Throttling", "ThrottlingException",
    "TooManyRequestsException", "429",
}  # fmt: skip
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
CLOCK = {"RequestTimeTooSkewed", "InvalidSignatureException", "SignatureDoesNotMatch"}
STAMP = re.compile(r"\d{8}T\d{6}Z")
CLOCK_WORDS = ("signature expired", "not yet current", "too large", "skew")
GONE_CODES = ("NotFound", "ResourceNotFound", "ResourceNotFoundException", "NoSuchUpload", "NoSuchBucket")
GONE_WORDS = ("could not find", "does not exist", "not found", "requested resource not found")
NO_CREDENTIALS = (
    boto.NoCredentialsError, boto.PartialCredentialsError, boto.CredentialRetrievalError, boto.SSOError,
    boto.TokenRetrievalError, boto.UnknownCredentialError,
)  # fmt: skip
BROKEN_LINE = (
    boto.HTTPClientError,
    boto.ConnectionError,
    boto.ResponseStreamingError,
    boto.IncompleteReadError,
)


class Cancelled(CollectError):
    """The caller asked to stop. What was read is kept and a new run continues from it."""


class NothingRead(CollectError):
    """Not one source could be read, or not all with --strict; nothing is written."""

    exit_code = 3


class Gone(Exception):
    """The resource was deleted between being listed and being read, or the setting does not exist."""


class UnexpectedAnswer(Exception):
    """An answer that is not what the service promises: HTML, broken JSON, a missing field."""


class OperationUnknown(Exception):
    """The endpoint does not implement the operation."""


@dataclass(frozen=True)
class Failure:
    """`status` of the source, the `words` for people, and how many tries such a failure is worth in all.

    botocore has retried what it knows; it does not retry answers it cannot read.
    """

    status: str
    words: str
    tries: int = 1


class SourceFailed(Exception):
    """A call failed for good; the source it belongs to ends with `failure.status`."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.words)


def classify(error: Exception, call: str, profile: str | None = None) -> Failure:
    """The failure of `call` ("sagemaker ListEndpoints"). Raises CollectError for what ends the run."""
    if isinstance(error, NO_CREDENTIALS):
        raise CollectError(_no_credentials(error, profile)) from error
    if isinstance(error, boto.ClientError):
        return _answered(error, call, profile)
    if isinstance(error, OperationUnknown):
        return Failure("unsupported", f"{call}: not supported there ({_short(error)})")
    if isinstance(error, UnexpectedAnswer | ResponseParserError | UnicodeDecodeError | ParseError):
        return Failure("unsupported", f"{call}: unreadable answer ({_short(error)})", tries=6)
    if isinstance(error, BROKEN_LINE):
        return Failure("unsupported", f"{call}: no answer ({_short(error)})", tries=3)
    if isinstance(error, boto.BotoCoreError):
        return Failure("unsupported", f"{call}: {_short(error)}")
    raise error


def is_gone(error: Exception) -> bool:
    """Whether the resource vanished between being listed and being read."""
    if not isinstance(error, boto.ClientError):
        return False
    detail = error.response.get("Error", {})
    code, message = str(detail.get("Code", "")), str(detail.get("Message", "")).lower()
    return code in GONE_CODES or (code == "ValidationException" and any(w in message for w in GONE_WORDS))


def code_of(error: Exception) -> str:
    """AWS's error code, "" for other errors."""
    response: dict[str, Any] = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def _answered(error: boto.ClientError, call: str, profile: str | None) -> Failure:
    code = code_of(error)
    message = str(error.response.get("Error", {}).get("Message", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
    if code in EXPIRED:
        raise CollectError(_expired(profile)) from error
    if code in CLOCK and (code == "RequestTimeTooSkewed" or any(w in message.lower() for w in CLOCK_WORDS)):
        raise CollectError(_clock(error)) from error
    if code in THROTTLED or status == 429:
        return Failure("throttled", f"{call}: throttled by AWS ({code}) after all retries", tries=3)
    if code in DENIED or code in CLOCK or status in (401, 403):
        return Failure("denied", f"{call}: denied ({code or status})")
    if status >= 500:
        return Failure("unsupported", f"{call}: AWS answered HTTP {status} after all retries", tries=3)
    return Failure("unsupported", f"{call}: refused ({code or status}: {message[:120]})")


def _no_credentials(error: Exception, profile: str | None) -> str:
    login = f"aws sso login --profile {profile}" if profile else "aws sso login"
    return (
        f"no usable AWS credentials: {_short(error)}. Sign in first ({login}), or name a profile; credentials "
        "are found by boto3's own chain and are never asked for here."
    )


def _expired(profile: str | None) -> str:
    login = f"aws sso login --profile {profile}" if profile else "aws sso login, or renew the session token"
    return f"the AWS credentials have expired ({login}). Run the same command again: it continues where it stopped."


def _clock(error: boto.ClientError) -> str:
    text = "AWS refuses the signature because of its time: this machine's clock is wrong"
    minutes = _minutes_ahead(str(error.response.get("Error", {}).get("Message", "")))
    if abs(minutes) >= 1:
        text += f" by {abs(minutes):,.0f} minutes ({'ahead' if minutes > 0 else 'behind'})"
    return text + ". Set the clock (more than 5 minutes off is refused), then run again."


def _minutes_ahead(message: str) -> float:
    """Minutes this machine's clock is ahead, from AWS's own words; 0 when they do not say.

    "Signature expired: <our time> is now earlier than <limit> (<AWS's time> - 5 min.)"
    """
    times = [datetime.strptime(t, "%Y%m%dT%H%M%S%z") for t in STAMP.findall(message)]
    return (times[0] - times[2]).total_seconds() / 60 if len(times) == 3 else 0.0


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
