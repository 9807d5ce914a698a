"""Draws the pictures of choosing.md: draw.py FOLDER

FOLDER holds the reports that the page's program wrote. The chart of each one's loss becomes a picture that stands
alone, with the colours of the report."""

import html
import pathlib
import re
import sys

PICTURES = {"good": "good", "rate 0.00003": "rate_too_low", "rate 1 with momentum": "rate_too_high",
            "x in millimetres": "not_scaled", "one layer of 4 units": "too_small", "60 rows": "overfitting"}
STYLE = """
:root{--page:#fff;--text:#1b1e22;--muted:#59616b;--line:#dde2e8;--a:#0072b2;--b:#c2500a}
@media (prefers-color-scheme:dark){:root{--page:#14171b;--text:#e8ebef;--muted:#a6aeb8;--line:#333a43;--a:#5ab4e6;--b:#f2a65a}}
text{fill:var(--muted);font:11px system-ui,"Segoe UI","DejaVu Sans",sans-serif}
.title{fill:var(--text);font-weight:600}.y{text-anchor:end}.x{text-anchor:middle}.page{fill:var(--page)}
path{fill:none}.grid{stroke:var(--line)}.line{stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.a{stroke:var(--a)}.b{stroke:var(--b);stroke-dasharray:6 4}
"""


def picture(report, title):
    name, chart = re.search(r"<strong>(Loss[^<]*)</strong>.*?<svg [^>]*>(.*?)</svg>", report, re.DOTALL).groups()
    description, content = re.fullmatch(r"<title>(.*?)</title>(.*)", chart, re.DOTALL).groups()
    head = (f'<text class="title" x="12" y="-12">{html.escape(title)}: {name[0].lower()}{name[1:]}</text>'
            '<path class="line a" d="M12 4h22"/><text x="40" y="8">training</text>'
            '<path class="line b" d="M102 4h22"/><text x="130" y="8">validation</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -32 360 264" width="480" height="352" role="img">'
            f'<title>{description}</title><style>{STYLE}</style>'
            f'<rect class="page" y="-32" width="360" height="264"/>{head}<g transform="translate(0 12)">{content}</g></svg>\n')


for title, name in PICTURES.items():
    report = (pathlib.Path(sys.argv[1]) / f"{title}.html").read_text(encoding="utf-8")
    path = pathlib.Path(__file__).with_name(f"{name}.svg")
    path.write_text(picture(report, title), encoding="utf-8")
