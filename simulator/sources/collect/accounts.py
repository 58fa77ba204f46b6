"""Which accounts are read: that of the credentials, those of the roles given, or all of the organization."""

from __future__ import annotations

from dataclasses import replace

from simulator.errors import CollectError
from simulator.sources.collect.client.failures import SourceFailed
from simulator.sources.collect.client.reader import Place, Reader
from simulator.sources.collect.client.session import GLOBAL_REGION, Account, Calls, assumed, open_account
from simulator.sources.collect.options import CollectOptions


def open_accounts(options: CollectOptions, calls: Calls, scaffold: Place) -> list[Account]:
    """The accounts to read, with their ids. An account whose role cannot be assumed is logged as denied and left out.

    Raises CollectError when no account is left, or when the credentials themselves do not work.
    """
    base = open_account(options, calls)
    _identify(base, options, scaffold)
    arns = list(options.role_arns)
    if options.organization_role:
        arns += _organization(base, options, scaffold)
    if not arns:
        return [base]
    accounts = []
    for arn in dict.fromkeys(arns):
        account = base if arn == "" else assumed(base, arn, options, calls)
        if account is base or _identify(account, options, scaffold):
            accounts.append(account)
    if not accounts:
        raise CollectError(
            "none of the roles can be assumed: check their names and trust policies (sts:AssumeRole)"
        )
    return accounts


def _identify(account: Account, options: CollectOptions, scaffold: Place) -> bool:
    """Learn the account id. False when the role cannot be assumed; an id that is merely unknown is no failure."""
    reader = _reader(account, options, scaffold)
    name = f"sts:identity {account.account_id}".strip()

    def read() -> int:
        try:
            answer = reader.call("sts", "GetCallerIdentity", needs="Account")
        except SourceFailed as error:
            if getattr(error.__cause__, "operation_name", "") == "AssumeRole":
                refused.append(account.role_arn)
            raise
        account.account_id = answer["Account"]
        return 1

    refused: list[str] = []
    reader.source(name, read, scope="identity")
    return not refused


def _organization(base: Account, options: CollectOptions, scaffold: Place) -> list[str]:
    """Role ARNs of all active accounts; "" stands for the account of the credentials."""
    reader = _reader(base, options, scaffold)
    arns: list[str] = []

    def read() -> int:
        for page in reader.pages("organizations", "ListAccounts", "Accounts"):
            for account in page["Accounts"]:
                if account.get("State", account.get("Status")) == "ACTIVE":
                    own = account["Id"] == base.account_id
                    arns.append(
                        "" if own else f"arn:aws:iam::{account['Id']}:role/{options.organization_role}"
                    )
        return len(arns)

    status = reader.source("organizations:accounts", read, scope=GLOBAL_REGION)
    if not arns:
        raise CollectError(
            f"the organization's accounts could not be listed ({status}): name the roles instead (--role-arn)"
        )
    return arns


def _reader(account: Account, options: CollectOptions, scaffold: Place) -> Reader:
    region = (options.regions or (account.default_region or GLOBAL_REGION,))[0]
    return Reader(replace(scaffold, account=account, region=region))
