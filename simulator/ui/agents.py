"""The economics of the agents that are planned, and the levers on them, as the Demand page shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import streamlit as st

from simulator.analysis.agent_economics import AgentEconomics, economics
from simulator.analysis.agent_levers import AgentLever
from simulator.analysis.serving_costs import Prices
from simulator.charts import compaction_frame, compaction_spec
from simulator.demand import Workload
from simulator.demand.workloads.agent import CACHE_MINUTES, Agent
from simulator.ui import parts, session
from simulator.ui.words import percent, plain, usd, without_cents

Put = Callable[[tuple[Workload, ...]], None]


def show(planned: tuple[Workload, ...], put: Put) -> None:
    """Nothing without an agent. `put` takes the workloads with one of them changed."""
    places = [n for n, w in enumerate(planned) if isinstance(w, Agent)]
    if not places:
        return
    st.subheader("What the agent costs", anchor=False)
    place = places[0]
    if len(places) > 1:
        place = st.selectbox("Agent", places, format_func=lambda n: planned[n].name, key="agent_pick")
    agent = planned[place]
    assert isinstance(agent, Agent)
    made = economics(Prices(session.figures().result.book), agent)
    st.markdown(f"**{plain(without_cents(made.sentence()))}**")
    _numbers(made)

    def change(**fields: float | str) -> None:
        put((*planned[:place], replace(agent, **fields), *planned[place + 1 :]))  # type: ignore[arg-type]

    if len(made.compaction) > 1:
        parts.chart(
            compaction_frame(made, agent.compact_at),
            compaction_spec(),
            key="agent_compaction",
            alt="Cost per month by the tokens of history at which it is summarised; the best point is marked",
        )
    _levers(made, change)
    _fields(agent, change)
    _parts(made)


def _numbers(made: AgentEconomics) -> None:
    cells = st.columns(4)
    cells[0].metric("Per month", usd(made.usd))
    cells[1].metric("Per session", usd(made.usd_per_session))
    cells[2].metric("Read before, of all read", percent(made.reread_ratio, 0))
    cells[3].metric("Steps that find the cache", percent(made.warm_ratio, 0))
    if made.usd_without_square is not None:
        st.caption(plain(f"If no step read the history again: {usd(made.usd_without_square)} per month."))
    for line in made.unknown:
        st.markdown(f"- {plain(line)}")


def _levers(made: AgentEconomics, change: Callable[..., None]) -> None:
    st.markdown("**Levers, each alone**")
    for number, lever in enumerate(made.levers):
        with st.container(horizontal=True, vertical_alignment="center", key=f"agent_lever_{number}"):
            st.markdown(
                f"**{plain(lever.name)}** · {plain(_worth(lever))} · {plain(lever.detail)}", width="stretch"
            )
            st.button("Apply", key=f"agent_apply_{number}", on_click=change, kwargs=lever.change)


def _worth(lever: AgentLever) -> str:
    if lever.saving_usd is None:
        return "unknown"
    verb = "saves" if lever.saving_usd >= 0 else "costs"
    return f"{verb} {usd(abs(lever.saving_usd))} per month"


def _fields(agent: Agent, change: Callable[..., None]) -> None:
    """The same levers by hand."""
    with st.form(key="agent_form", border=True):
        first, second, third, fourth = st.columns(4)
        lives = list(CACHE_MINUTES)
        cache = first.selectbox("Prompt cache", lives, index=lives.index(agent.cache), key="agent_cache")
        compact = second.number_input(
            "Summarise at, tokens", 0.0, value=agent.compact_at, key="agent_at", format="%.6g"
        )
        cap = third.number_input("Cap on steps; 0 none", 0, value=int(agent.most_turns), key="agent_cap")
        output = fourth.number_input(
            "Tokens of a tool's output", 0.0, value=agent.tool_output, key="agent_output", format="%.6g"
        )
        models = _models(agent)
        if st.form_submit_button("Change the agent"):
            change(cache=cache, compact_at=compact, most_turns=cap, tool_output=output, **models)
            st.rerun()


def _models(agent: Agent) -> dict[str, float | str]:
    """Who takes which steps."""
    first, second, third = st.columns([2, 1, 1])
    model = first.text_input(
        "Other model for some of the steps; empty: none", agent.step_model, key="agent_model"
    )
    own = second.number_input("Steps in a row, own model", 1, 10_000, int(agent.own_steps), key="agent_own")
    other = third.number_input(
        "Steps in a row, other model", 1, 10_000, int(agent.other_steps), key="agent_other"
    )
    return {"step_model": model.strip(), "own_steps": own, "other_steps": other}


def _parts(made: AgentEconomics) -> None:
    table = pd.DataFrame(
        {
            "what": p.name,
            "per_month_quantity": round(p.quantity, 0 if p.quantity >= 1_000 else 2),
            "cost_usd": p.usd,
        }
        for p in made.parts
    )
    parts.table(table, key="agent_parts", titles={"what": "Billed", "per_month_quantity": "Per month"})
    parts.download(table, "Download as CSV", "agent.csv")
