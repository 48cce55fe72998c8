"""Draw matplotlib figures as inline SVG in the colours of the page."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .markup import Html, element

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LARGEST = 1.55  # most pixels per point: letters of 9 points are then as large as the text around

# matplotlib has no CSS variables, so each colour of the page is drawn as a colour that nobody would choose
NAMES = ("ink", "faint", "rule", "source", "target", "before", "after")
COLOURS = {f"#0102{number:02x}": f"var(--{name})" for number, name in enumerate(NAMES)}
INK, FAINT, RULE, SOURCE, TARGET, BEFORE, AFTER = COLOURS

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # letters stay letters: small, sharp, and in any script the reader has
    "svg.hashsalt": "translator",  # the same figure is the same text
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.formatter.useoffset": False,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "lines.linewidth": 1.6,
    "figure.constrained_layout.use": True,
}


def check_plotting() -> None:
    """Check, before any long computation, that figures can be drawn.

    :raises MissingDependencyError: matplotlib is not installed.
    """
    from translator.errors import MissingDependencyError

    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        raise MissingDependencyError("matplotlib", "report", "A report") from None


@contextmanager
def drawing(width: float = 4.6, height: float = 2.4) -> Iterator[tuple[Figure, Any]]:
    """Open a figure and its axes for drawing.

    :param width: in inches of 72 points, each a pixel or more on the page; ``height`` likewise.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # the reader's fonts draw the letters
        mpl.rcdefaults()  # whatever the user has in matplotlibrc
        mpl.rcParams.update(STYLE)
        figure = Figure(figsize=(width, height))
        yield figure, figure.subplots()


def inline(figure: Figure, name: str, label: str) -> Html:
    """Return the figure as an element; to be called inside :func:`drawing`.

    :param name: prefix of the ids in the figure, unique on the page.
    :param label: description for people who cannot see the figure.
    """
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    body = text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")]
    body = re.sub(r"<metadata>.*?</metadata>|<style\b.*?</style>", "", body, flags=re.DOTALL)
    body = re.sub(r"<[^>]+>", lambda tag: _adapted(tag[0], name), body)  # tags alone: text holds no < or >
    width, height = (72 * inches for inches in figure.get_size_inches())
    return element(
        "svg",
        Html(body),
        viewBox=f"0 0 {width:g} {height:g}",
        style=f"max-width: {LARGEST * width:.0f}px",
        role="img",
        aria_label=label,
    )


def _adapted(tag: str, name: str) -> str:
    """Prefix the ids of a tag, and use the colours of the page."""
    tag = re.sub(r'\bid="', f'id="{name}-', tag)
    tag = re.sub(r'(href="|url\()#', rf"\1#{name}-", tag)
    return re.sub(r"#0102[0-9a-f]{2}", lambda colour: COLOURS[colour[0]], tag.replace("xlink:href", "href"))
