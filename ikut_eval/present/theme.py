"""One look for every figure: colours that colour-blind people tell apart, and shapes beside them."""

from typing import Final

import plotly.graph_objects as go

# Okabe and Ito (2008), Color Universal Design; each at least 3:1 on white.
BLUE: Final = "#0072B2"
VERMILION: Final = "#C75300"
GREEN: Final = "#00805D"
GREY: Final = "#6B7280"
PALE: Final = "#D5DAE0"
INK: Final = "#1F2933"
BLUES: Final = [[0.0, "#F7FAFC"], [1.0, "#7DB8DD"]]
FONT: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"

UP: Final = {"color": BLUE, "symbol": "triangle-up"}
SAME: Final = {"color": GREY, "symbol": "square"}
DOWN: Final = {"color": VERMILION, "symbol": "triangle-down"}
YES: Final = {"color": BLUE, "symbol": "circle"}
NO: Final = {"color": GREY, "symbol": "circle-open"}
UNKNOWN: Final = {"color": VERMILION, "symbol": "x-thin-open"}
BEFORE: Final = {"color": GREY, "symbol": "circle-open"}
AFTER: Final = {"color": BLUE, "symbol": "circle"}

ROW_HEIGHT: Final = 34
MARGIN: Final = 90
LETTER_WIDTH: Final = 8


def figure(height: int, *, left: int = 8) -> go.Figure:
    """Return an empty figure in the theme, `height` pixels high."""
    drawn = go.Figure()
    drawn.update_layout(
        template="none",
        height=height,
        font={"family": FONT, "size": 14, "color": INK},
        margin={"l": left, "r": 24, "t": 44, "b": 44},
        paper_bgcolor="white",
        plot_bgcolor="white",
        hovermode=False,
        dragmode=False,
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1.0, "yanchor": "bottom", "itemclick": False, "itemdoubleclick": False},
    )
    drawn.update_xaxes(showgrid=False, zeroline=False, ticks="outside", tickcolor=PALE, linecolor=PALE, fixedrange=True, automargin=True)
    drawn.update_yaxes(showgrid=False, zeroline=False, fixedrange=True, automargin=True)
    return drawn
