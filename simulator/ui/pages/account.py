"""Account: choose a sample, or load a snapshot, a billing export or a live account. A failed load changes nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from simulator.errors import InputError, OutputError
from simulator.jobs import JobError
from simulator.scratch import ScratchFolder
from simulator.snapshot.sample import SAMPLES
from simulator.ui import account_facts, draft, heavy, identity, keeper, parts, session, work
from simulator.ui.shelf import trying
from simulator.ui.words import day, plain
from simulator.ui.work import Loaded

LOADING = "load"
REFUSED = "load_refused"

SAMPLE_WORDS = {
    "team": "a mid-size ML team: endpoints with hourly traffic, training, Bedrock, notebooks, storage",
    "report": "the account of the seed report: little is known, and its bill does not reconcile",
}


def show() -> None:
    """The page."""
    manifest = session.view().account.snapshot.manifest
    st.title("Account", anchor=False)
    st.markdown(
        f"Current account: **{plain(manifest.name)}**, {day(manifest.window_start)} to "
        f"{day(parts.last_day(manifest.window_end))}."
    )
    if manifest.sources:
        read = sum(s.status in ("ok", "empty") for s in manifest.sources)
        with st.expander(
            f"{read} of {len(manifest.sources)} sources were read", icon=":material/fact_check:"
        ):
            rows = [
                {"source": s.name, "status": s.status, "count": s.count, "at": s.at} for s in manifest.sources
            ]
            st.dataframe(
                pd.DataFrame(rows),
                hide_index=True,
                key="sources",
                alt="Sources of the account and how reading went",
            )
            st.caption("Anything an unread source would have shown is treated as unknown, never as 0.")
    for sentence in st.session_state.pop("load_told", []):
        st.success(plain(sentence))
    if notes := st.session_state.pop("load_notes", ""):
        st.code(notes, language=None, wrap_lines=True)
    _finish_loading()
    parts.lazy_tabs("account_tab", {"A sample": _samples, **_LOADERS, "Prices": _prices})


def loaders() -> None:
    """The ways to load an account of one's own."""
    _finish_loading()
    parts.lazy_tabs("loader_tab", _LOADERS)


def _samples() -> None:
    for name in SAMPLES:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                f"Open sample {name}",
                key=f"sample_{name}",
                on_click=session.take_sample,
                args=(name,),
                width=190,
            )
            st.markdown(SAMPLE_WORDS.get(name, ""))


def _snapshot() -> None:
    st.write(
        "A .zip of CSV tables with manifest.json, as docs/snapshot.md describes. Nothing leaves this machine."
    )
    upload = st.file_uploader("Snapshot (.zip)", type=["zip"], key="upload")
    if upload is not None:
        _once(upload.file_id, lambda: _read_upload(upload))


def _read_upload(upload: Any) -> None:
    if folder := _copied([upload]):
        (file,) = folder.path.glob("*/*")
        _load(f"Reading {upload.name}", work.read_snapshot, file, folder=folder)


def _export() -> None:
    st.write(
        "Cost and Usage Report, Data Exports, FOCUS or Cost Explorer files, as docs/imports.md describes."
    )
    uploads = st.file_uploader(
        "Billing export (.csv, .csv.gz, .parquet, .zip, .json)",
        type=["csv", "gz", "parquet", "zip", "json"],
        accept_multiple_files=True,
        key="export",
    )
    if uploads and st.button("Import", type="primary", key="import") and (folder := _copied(uploads)):
        name = Path(uploads[0].name).stem
        _load("Importing the export", work.import_export, folder.path, name, folder=folder)


def _copied(uploads: Sequence[Any]) -> ScratchFolder | None:
    """Uploads as files, for a worker to read; none where there is no room, which is then said."""
    try:
        folder = ScratchFolder()
        for upload in uploads:
            folder.put(upload.name, upload)
    except OutputError as error:
        _refuse(error)
        return None
    return folder


def _live() -> None:
    st.write(
        "Reads the account of the AWS credentials on this machine, and changes nothing in it. "
        "The permissions it needs are in docs/iam-policy.json."
    )
    from simulator.sources.collect.lending import NAMED, ROLES, lent_to

    try:
        lent = lent_to(identity.reached_at(), os.environ, identity.who())
    except InputError as error:
        st.error(f"Off: what this server lends cannot be read. {plain(error)}")
        return
    if lent == ():
        st.info(
            f"Off on this server: other people reach it, and it does not lend you its AWS credentials. "
            f"An administrator may name profiles in {NAMED}, or roles per signed-in person in {ROLES}."
        )
        return
    with st.form("live", border=False):
        if lent is None:
            profile = st.text_input("Profile (empty: the machine's default)", key="live_profile")
        else:
            profile = st.selectbox("Profile or role", lent, key="live_profile")
        regions = st.text_input("Regions, separated by commas (empty: the profile's)", key="live_regions")
        days = st.slider("Days to look back", 1, 90, 30, key="live_days")
        ask = st.toggle(
            "Ask Cost Explorer for the bill (each request costs $0.01)".replace("$", r"\$"),
            value=True,
            key="live_cost",
        )
        read = st.form_submit_button("Read the account", type="primary")
    if read:
        _read_live(profile, regions, days, ask)


def _read_live(profile: str, regions: str, days: int, ask: bool) -> None:
    from simulator.sources.collect import CollectOptions
    from simulator.sources.collect.lending import as_options, lent_to, refuse_unlent

    wanted = tuple(r.strip() for r in regions.split(",") if r.strip())
    try:
        refuse_unlent(profile or None, lent_to(identity.reached_at(), os.environ, identity.who()))
        options = CollectOptions(regions=wanted, days=days, cost_explorer=ask, **as_options(profile))
    except ValueError as error:
        _refuse(error)
        return
    _load("Reading the account", work.read_live, options)


def _load(
    label: str, reading: Callable[..., Loaded], *arguments: Any, folder: ScratchFolder | None = None
) -> None:
    """Have a worker read and price an account; the next run of the page waits for it (`_finish_loading`)."""
    try:
        heavy.begin(LOADING, label, reading, *arguments, session.view().book, folder=folder)
    except JobError as error:
        _refuse(error)
        return
    st.rerun()


def _finish_loading() -> None:
    """Take the account that is being read; on any refusal say why and keep the one in hand."""
    if heavy.is_running(LOADING):
        heavy.waited(LOADING, _take, REFUSED)
    if refused := st.session_state.pop(REFUSED, ""):
        _refuse(refused)


def _take(loaded: Loaded) -> None:
    session.take_loaded(loaded)
    st.session_state["load_notes"] = loaded.notes
    st.session_state["load_told"] = [f"Loaded {session.view().account.snapshot.manifest.name}."]


def _refuse(error: Exception | str) -> None:
    st.error("Could not load this. Your current account is unchanged.")
    st.code(str(error), language=None, wrap_lines=True)


def _once(file_id: str, act: Callable[[], None]) -> None:
    if st.session_state.get("loaded_file") != file_id:
        st.session_state["loaded_file"] = file_id
        act()


def _prices() -> None:
    """Negotiated discount and own prices; every figure follows them."""
    for sentence in session.view().price_warnings:
        st.warning(plain(sentence))
    st.session_state["discount_percent"] = round(draft.scenario().discount_ratio * 100, 6)
    st.number_input(
        "Negotiated discount on list prices, percent",
        min_value=0.0,
        max_value=95.0,
        step=0.5,
        key="discount_percent",
        on_change=_set_discount,
    )
    st.write(
        "Own prices: a CSV with component, item, region, usd and unit; `prices template` writes one to fill."
    )
    upload = st.file_uploader("Own prices (.csv)", type=["csv"], key="own_prices_file", max_upload_size=5)
    if upload is not None:
        _once(upload.file_id, lambda: _take_prices(upload.getvalue()))
    if "own_prices" in st.session_state and st.button("Back to the shipped prices", key="shipped_prices"):
        session.take_prices(None)
        st.rerun()
    _kept_prices()


def _kept_prices() -> None:
    """Own prices with the account in the workspace: they come back whenever it is opened, for everybody who may."""
    try:
        if not keeper.may_change():
            return
        now, kept = st.session_state.get("own_prices"), account_facts.kept_prices()
    except keeper.REFUSED as error:
        st.warning(plain(error))
        return
    if now and now != kept and st.button("Keep these prices with the account", key="keep_prices"):
        trying.attempt(
            lambda: account_facts.keep_prices(now), "Kept: whoever opens this account sees these prices."
        )
    elif kept and kept == now:
        st.caption("These prices are kept with the account.")
    if kept and not now and st.button("Forget the prices kept with the account", key="forget_prices"):
        trying.attempt(
            lambda: account_facts.keep_prices(None), "Forgotten: the account opens with the shipped prices."
        )


def _set_discount() -> None:
    draft.put(replace(draft.scenario(), discount_ratio=st.session_state["discount_percent"] / 100))


def _take_prices(content: bytes) -> None:
    try:
        session.take_prices(content.decode("utf-8-sig"))
    except (ValueError, UnicodeDecodeError) as error:
        st.error("Could not use these prices. The current prices are unchanged.")
        st.code(str(error), language=None)
        return
    st.success("Your prices now apply to every figure.")


_LOADERS = {"A bill file": _export, "AWS access": _live, "A snapshot": _snapshot}
