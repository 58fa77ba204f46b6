"""The floor: the smallest honest what-if page. One slider, one metric, one chart, default settings."""

import altair as alt
import pandas as pd
import streamlit as st

growth_percent = st.slider("Growth", 0, 100, 10)
months = pd.DataFrame({"month": range(36)})
months["cost_usd"] = 1000 * (1 + growth_percent / 100) ** (months["month"] / 12)
st.metric("Total", f"${months['cost_usd'].sum():,.2f}")
st.altair_chart(alt.Chart(months).mark_line().encode(x="month:Q", y="cost_usd:Q"))
