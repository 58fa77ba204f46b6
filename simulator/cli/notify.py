"""Sending what `watch` found: e-mail by SMTP, a webhook. Addresses with secrets come from the environment only."""

from __future__ import annotations

import json
import os
import smtplib
import ssl
import urllib.request
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

from simulator.errors import InputError, OutputError
from simulator.words import json_text, visible

SMTP = "ML_SPEND_SMTP"
"""smtp://[user:password@]host:port, or smtps://."""
WEBHOOK = "ML_SPEND_WEBHOOK"
SECONDS = 20


def mail(recipient: str, subject: str, text: str) -> None:
    """Send a message by the server of ML_SPEND_SMTP. Raises InputError, OutputError in words, without the password."""
    address = urlsplit(os.environ.get(SMTP, ""))
    if address.scheme not in {"smtp", "smtps"} or not address.hostname:
        raise InputError(f"{SMTP}: expected smtp://host:port or smtps://host:port in the environment")
    message = EmailMessage()
    message["From"] = message["To"] = _address(recipient)
    message["Subject"] = visible(subject).replace("\n", " ")
    message.set_content(visible(text))
    try:
        with _server(address) as server:
            if address.username:
                server.login(address.username, address.password or "")
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise OutputError(f"e-mail by {address.hostname}: {type(error).__name__}") from None


def post(data: dict[str, Any]) -> None:
    """POST as JSON to ML_SPEND_WEBHOOK. Raises InputError, OutputError in words, without the address's secret path."""
    url = os.environ.get(WEBHOOK, "")
    address = urlsplit(url)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise InputError(f"{WEBHOOK}: expected https://host/path in the environment")
    request = urllib.request.Request(
        url, json_text(data).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            answer.read(1)
    except OSError as error:
        raise OutputError(f"webhook at {address.hostname}: {type(error).__name__}") from None


def _server(address: Any) -> smtplib.SMTP:
    if address.scheme == "smtps":
        return smtplib.SMTP_SSL(
            address.hostname, address.port or 465, timeout=SECONDS, context=ssl.create_default_context()
        )
    server = smtplib.SMTP(address.hostname, address.port or 25, timeout=SECONDS)
    if server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
    return server


def _address(text: str) -> str:
    if "@" not in text or any(c.isspace() for c in text):
        raise InputError(f"--mail {json.dumps(text)}: expected one e-mail address")
    return text
