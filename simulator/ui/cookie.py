"""A cookie set from the page: Streamlit reads cookies but sets none of ours. It holds a random name, no data."""

from __future__ import annotations

import streamlit as st

JS = """
export default function ({ data }) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${data.name}=${data.value}; path=/; SameSite=Strict; max-age=${data.seconds}${secure}`;
}
"""
LONGEST_SECONDS = 24 * 3600


def set_cookie(name: str, value: str) -> None:
    """Ask the browser to send this cookie with its next visit."""
    set_ = _component()
    set_(key="cookie", data={"name": name, "value": value, "seconds": LONGEST_SECONDS}, height=1)


@st.cache_resource(show_spinner=False)
def _component():  # type: ignore[no-untyped-def]
    return st.components.v2.component("ml_spend_cookie", js=JS)
