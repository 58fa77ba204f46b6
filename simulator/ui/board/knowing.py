"""Below the rows: what is worth knowing, with the dollars that hang on it; and what does not apply, with reasons."""

from __future__ import annotations

import streamlit as st

from simulator.levers import all_levers
from simulator.ui.figures import Figures
from simulator.ui.session import View
from simulator.ui.words import count, plain


def show(seen: View, figures: Figures) -> None:
    """Both groups; the second is folded."""
    idle = [i for i in all_levers() if i not in seen.alone_usd and figures.result.scenario.setting(i) is None]
    if idle:
        with st.expander(
            f"Not applicable here: {count(len(idle), 'lever')}", key="unfit", on_change="rerun"
        ) as rest:
            if rest.open:
                for lever_id in idle:
                    st.markdown(
                        f"- **{plain(all_levers()[lever_id].title)}**: {plain(_reason(seen, lever_id))}"
                    )


def _reason(seen: View, lever_id: str) -> str:
    verdicts = seen.verdicts[lever_id]
    return verdicts.summary()[0][1] if len(verdicts.state) else "Nothing of this kind in the account."
