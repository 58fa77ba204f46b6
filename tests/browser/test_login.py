"""Two real browsers, two identities, one server with a login: nothing of one is reachable by the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from simulator import load_sample
from simulator.workspace import Denied, NotThere, Workspace, open_database
from simulator.workspace.snapshots import SnapshotStore
from tests.browser.app import follow, open_page, press, settle, tab
from tests.browser.conftest import Visitor
from tests.browser.served import Served, free_port, serve_app
from tests.oidc import CLIENT, SECRET, provider

pytestmark = pytest.mark.thorough
COOKIE_SECRET = "a cookie secret of the tests, long enough"


@dataclass(frozen=True)
class Place:
    """The server, its log and its workspace's files."""

    served: Served
    log: Path
    folder: Path

    def workspace(self, who: str) -> Workspace:
        """The same database and store, seen by a person."""
        database = open_database(f"sqlite:///{self.folder / 'workspace.db'}")
        return Workspace(database, SnapshotStore(str(self.folder / "snapshots")), who, login=True)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder, port = tmp_path_factory.mktemp("server"), free_port()
    log, secret = folder / "server.log", folder / "client-secret"
    secret.write_text(SECRET + "\n")
    with provider() as issuer:
        settings = {
            "ML_SPEND_OIDC_URL": f"{issuer.url}/.well-known/openid-configuration",
            "ML_SPEND_OIDC_CLIENT_ID": CLIENT,
            "ML_SPEND_OIDC_CLIENT_SECRET_FILE": str(secret),
            "ML_SPEND_COOKIE_SECRET": COOKIE_SECRET,
            "ML_SPEND_URL": f"http://127.0.0.1:{port}",
            "ML_SPEND_DATABASE": f"sqlite:///{folder / 'workspace.db'}",
            "ML_SPEND_SNAPSHOTS": str(folder / "snapshots"),
            "ML_SPEND_LOG": "json",
        }
        with serve_app(log, settings, port=port) as served:
            yield Place(served, log, folder)
    for hidden in ("page failed", SECRET, COOKIE_SECRET, "ann@example.com", "report"):
        lines = [line for line in log.read_text(errors="replace").splitlines() if hidden in line]
        assert not lines, "the log holds a fault, a secret, a person or an account"


@pytest.fixture(scope="module")
def app_url(place: Place) -> str:
    """Where the visitors of these tests come to."""
    return place.served.url


@pytest.fixture
def somebody(visitors: Callable[[int], Visitor]) -> Callable[[], Page]:
    """A browser of one's own, nobody signed in. Its console may name a page that only those signed in have."""
    numbers = count()

    def fresh() -> Page:
        found = visitors(next(numbers))
        found.forget()
        return found.page

    return fresh


@pytest.fixture(scope="module")
def cookies() -> dict[str, list[Any]]:
    """By name: what the browser of a person who signed in holds."""
    return {}


@pytest.fixture
def person(
    somebody: Callable[[], Page], place: Place, cookies: dict[str, list[Any]]
) -> Callable[[str], Page]:
    """A person in a browser of their own, in which they have signed in; no page is open yet."""

    def signed_in(name: str) -> Page:
        page = somebody()
        if name in cookies:
            page.context.add_cookies(cookies[name])
        else:
            sign_in(page, place.served.url, name)
            cookies[name] = page.context.cookies()
        return page

    return signed_in


def sign_in(page: Page, url: str, name: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Sign in").click(timeout=30_000)
    page.get_by_role("link", name=name).click(timeout=30_000)
    expect(page.get_by_text("Signed in as")).to_be_visible(timeout=30_000)
    settle(page)


def kept_by_ann(ann: Page, url: str, name: str) -> dict[str, str]:
    """Ann keeps the sample account and a scenario of it; the query of her address."""
    open_page(ann, url, "workspace?sample=report&managed_spot.on=true")
    if ann.get_by_role("button", name="Keep the account report").count():
        press(ann, "Keep the account report")
    ann.get_by_label("Name of this scenario").fill(name)
    ann.get_by_label("Name of this scenario").press("Enter")
    settle(ann)
    press(ann, "Keep the scenario")
    expect(ann.get_by_text("version 1 is saved")).to_be_visible()
    return {k: v[0] for k, v in parse_qs(urlsplit(ann.url).query).items()}


def test_before_signing_in_nothing_is_shown_on_any_page(somebody: Callable[[], Page], place: Place) -> None:
    page = somebody()
    for path in ("", "simulate", "workspace", "share?sample=report"):
        page.goto(f"{place.served.url}/{path}")
        expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=30_000)
        assert "per month" not in page.inner_text("body")
        assert "report" not in page.inner_text("body")


def test_a_link_survives_signing_in(somebody: Callable[[], Page], place: Place) -> None:
    page = somebody()
    page.goto(f"{place.served.url}/simulate?sample=report&managed_spot.on=true")
    page.get_by_role("button", name="Sign in").click(timeout=30_000)
    page.get_by_role("link", name="ann").click(timeout=30_000)
    expect(page.get_by_text("Signed in as")).to_be_visible(timeout=30_000)
    page.wait_for_url("**/simulate?*managed_spot.on=true*", timeout=30_000)
    settle(page)


def test_an_account_of_another_is_found_neither_by_link_nor_fingerprint_nor_search(
    person: Callable[[str], Page], place: Place
) -> None:
    ann, bob, url = person("ann"), person("bob"), place.served.url
    query = kept_by_ann(ann, url, "Secret plan")
    bob.goto(f"{url}/workspace?scenario={query['scenario']}")
    settle(bob)
    expect(bob.get_by_text("nothing of that name that you may see")).to_be_visible(timeout=30_000)
    assert "Secret plan" not in bob.inner_text("body")
    bob.goto(f"{url}/overview?account={load_sample('report').fingerprint()[:12]}")
    settle(bob)
    expect(bob.get_by_text("This link is about another account")).to_be_visible(timeout=30_000)
    open_page(bob, url, "workspace")
    assert "Secret plan" not in bob.inner_text("body")
    assert "Nothing is kept yet" in bob.inner_text("body")


def test_a_viewer_looks_and_changes_nothing_and_is_out_once_the_role_is_taken(
    person: Callable[[str], Page], place: Place
) -> None:
    ann, bob, url = person("ann"), person("bob"), place.served.url
    query = kept_by_ann(ann, url, "For Bob")
    tab(ann, "Access")
    ann.get_by_label("Person, as they sign in").fill("Bob@example.com")
    ann.get_by_label("Person, as they sign in").press("Enter")
    settle(ann)
    press(ann, "Give")
    kept, seen = place.workspace("ann@example.com"), place.workspace("bob@example.com")
    (account,) = kept.accounts()
    assert kept.grants(account.id) == {"ann@example.com": "admin", "bob@example.com": "viewer"}

    bob.goto(f"{url}/workspace?scenario={query['scenario']}")
    settle(bob)
    expect(bob.get_by_text("you may look; your changes are not saved").first).to_be_visible(timeout=30_000)
    assert bob.get_by_role("button", name="More").count() == 0
    tab(bob, "History and comments")
    assert bob.get_by_role("button", name="Add comment").count() == 0
    open_page(bob, url, f"simulate?scenario={query['scenario']}")
    bob.locator(".board").get_by_role("switch").first.click()
    settle(bob)
    assert kept.scenario(query["scenario"]).version == 1, "what a viewer tries is not kept"
    with pytest.raises(Denied):
        seen.save_scenario(query["scenario"], {}, 1)

    kept.grant("bob@example.com", account.id, None)
    follow(bob, "Overview")
    expect(bob.get_by_text("you may no longer see that account")).to_be_visible(timeout=10_000)
    assert "Invented sample account" in bob.inner_text("body")
    with pytest.raises(NotThere):
        seen.scenario(query["scenario"])
    kept.database.close()
    seen.database.close()


def test_two_planners_see_each_others_saves_and_every_change_is_in_the_audit_log(
    person: Callable[[str], Page], place: Place
) -> None:
    ann, bob, url = person("ann"), person("bob"), place.served.url
    query = kept_by_ann(ann, url, "Ours")
    kept = place.workspace("ann@example.com")
    row = kept.scenario(query["scenario"])
    kept.grant("bob@example.com", row.account_id, "planner")
    open_page(bob, url, f"simulate?scenario={row.id}")
    bob.locator(".board").get_by_role("switch").first.click()
    expect(bob.get_by_text("version 2 is saved")).to_be_visible(timeout=10_000)
    expect(ann.get_by_text(re.compile("bob@example.com saved version 2"))).to_be_visible(timeout=25_000)
    press(ann, "Take the newer version")
    expect(ann.get_by_text("version 2 is saved")).to_be_visible(timeout=10_000)
    assert [v.who for v in kept.history(row.id)] == ["ann@example.com", "bob@example.com"]
    with kept.database.reading() as session:
        from simulator.workspace.tables import AuditRow

        log = [(a.who, a.action, a.kind) for a in session.query(AuditRow).filter_by(object_id=row.id)]
    assert log == [("ann@example.com", "add", "scenario"), ("bob@example.com", "save", "scenario")]
    kept.database.close()


def test_the_same_browser_after_signing_out_holds_nothing_of_the_one_before(
    somebody: Callable[[], Page], place: Place
) -> None:
    page, url = somebody(), place.served.url
    sign_in(page, url, "ann")
    kept_by_ann(page, url, "Of Ann alone")
    with page.expect_response(re.compile("/auth/logout")):  # the page is empty before the cookie is gone
        page.get_by_role("button", name="Sign out").first.click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=30_000)
    sign_in(page, url, "eve")  # whose address is Ann's, but not verified
    assert "ann@example.com" not in page.inner_text("body")
    open_page(page, url, "workspace")
    assert "Nothing is kept yet" in page.inner_text("body")
    assert "Of Ann alone" not in page.inner_text("body")


def test_another_device_of_the_same_person_comes_back_to_the_scenario(
    person: Callable[[str], Page], place: Place
) -> None:
    ann = person("ann")
    kept_by_ann(ann, place.served.url, "From my desk")
    phone = person("ann")
    open_page(phone, place.served.url)
    expect(phone.get_by_text("From my desk").first).to_be_visible(timeout=10_000)
    expect(phone.get_by_text("version 1 is saved")).to_be_visible()
