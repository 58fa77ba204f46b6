"""Account: choose a sample or load a snapshot. A load that fails changes nothing."""

from __future__ import annotations

import streamlit as st

from simulator.ui import session
from simulator.usage.sample import SAMPLES
from simulator.usage.snapshot import SnapshotError, load_snapshot


def show() -> None:
    """The page."""
    st.title("Account")
    manifest = session.account().snapshot.manifest
    st.write(f"In hand: **{manifest.name}**, {manifest.window_start:%Y-%m-%d} to {manifest.window_end:%Y-%m-%d}.")
    with st.container(horizontal=True):
        for name in SAMPLES:
            st.button(f"Open sample {name}", key=f"sample_{name}", on_click=session.take_sample, args=(name,))
    st.subheader("Load a snapshot")
    st.write("A .zip of CSV tables with manifest.json, as docs/snapshot.md describes. Nothing leaves this machine.")
    upload = st.file_uploader("Snapshot (.zip)", type=["zip"], key="upload")
    if upload is not None and st.session_state.get("loaded") != upload.file_id:
        _load(upload)


def _load(upload) -> None:  # type: ignore[no-untyped-def]
    try:
        with st.spinner(f"Reading {upload.name}"):
            session.take(load_snapshot(upload))
    except (SnapshotError, ValueError) as error:
        st.error("This snapshot was not loaded; the account in hand is unchanged.")
        st.code(str(error), language=None)
        return
    st.session_state["loaded"] = upload.file_id
    st.success(f"Loaded {session.account().snapshot.manifest.name}.")
