"""The app: `streamlit run streamlit_app.py`. The server imports this file once, then runs it for every visitor."""

from simulator.ui import warm

if __name__ == "__main__":
    warm.wait()
    from simulator.ui import page

    page.run()
else:
    import streamlit as st

    app = st.App(__file__, lifespan=warm.life)
