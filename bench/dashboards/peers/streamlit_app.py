"""Streamlit: figures and tables made once and kept; `st.table` is plain HTML."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from pilot import CONFIG, CONTROLS, figures, frame, options

st.set_page_config(page_title="Streamlit", layout="wide")


@st.cache_resource
def exhibits(wave: str, view: str) -> tuple[list[go.Figure], pd.DataFrame]:
    return figures(wave, view), frame(wave, view)


chosen = [choices[st.selectbox(control["label"], list(choices))] for n, control in enumerate(CONTROLS) for choices in [options(n)]]
drawn, table = exhibits(*chosen)
for n, figure in enumerate(drawn):
    st.plotly_chart(figure, theme=None, config=CONFIG, key=f"chart{n}")
st.table(table)
