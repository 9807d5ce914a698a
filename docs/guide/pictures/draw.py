"""Draws the pictures of choosing.md and what-goes-wrong.md: draw.py FOLDER

FOLDER holds the reports that the program of what-goes-wrong.md wrote. Charts of the reports become pictures that stand
alone, with the colours of the report: the loss of each run in LOSSES, and the outputs of the first layer of a healthy
and of a dead network, with a square for each unit."""

import html
import pathlib
import re
import sys

LOSSES = {"good": "good", "rate 0.00003": "rate_too_low", "rate 0.5, LeakyReLU": "rate_too_high",
          "x in millimetres": "not_scaled", "one layer of 4 units": "too_small", "60 rows": "overfitting"}
HEALTHY, DEAD = "good", "rate 0.5"
STYLE = """
:root{--page:#fff;--text:#1b1e22;--muted:#59616b;--line:#dde2e8;--a:#0072b2;--b:#c2500a}
@media (prefers-color-scheme:dark){:root{--page:#14171b;--text:#e8ebef;--muted:#a6aeb8;--line:#333a43;--a:#5ab4e6;--b:#f2a65a}}
text{fill:var(--muted);font:11px system-ui,"Segoe UI","DejaVu Sans",sans-serif}
.title{fill:var(--text);font-weight:600}.y{text-anchor:end}.x{text-anchor:middle}.page{fill:var(--page)}
path{fill:none}.grid{stroke:var(--line)}.line{stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.a{stroke:var(--a)}.b{stroke:var(--b);stroke-dasharray:6 4}
"""
UNIT_STYLE = ".bar,.alive{fill:var(--a);stroke:none}.dead{stroke:var(--b);stroke-width:1.5}\n"


def chart_of(report, title):
    """Returns a chart's title, the note beside it, its description and its content."""
    found = re.search(rf"<strong>({title}[^<]*)</strong>(.*?)</figcaption><svg [^>]*><title>(.*?)</title>(.*?)</svg>",
                      report, re.DOTALL)
    return found[1], re.sub(r"<[^>]*>", "", found[2]), found[3], found[4]


def picture(height, description, style, content):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -32 360 {height}" width="480" height="{height * 4 // 3}" '
            f'role="img"><title>{description}</title><style>{style}</style>'
            f'<rect class="page" y="-32" width="360" height="{height}"/>{content}</svg>\n')


def loss_picture(report, title):
    name, _, description, content = chart_of(report, "Loss")
    head = (f'<text class="title" x="12" y="-12">{html.escape(title)}: {name[0].lower()}{name[1:]}</text>'
            '<path class="line a" d="M12 4h22"/><text x="40" y="8">training</text>'
            '<path class="line b" d="M102 4h22"/><text x="130" y="8">validation</text>')
    return picture(264, description, STYLE, f'{head}<g transform="translate(0 12)">{content}</g>')


def unit_picture(reports):
    """Draws the first layer in each of the reports, {title: report}. The bars of all have one scale: their share of the
    outputs."""
    descriptions = []
    parts = []
    tallest = 0
    for title, report in reports.items():
        _, note, _, content = chart_of(report, "Outputs of 0")
        zeros = re.match(r"([\d.]+) %", note)[1]
        units, dead = map(int, re.search(r'<th scope="row">0: .*?</th>(?:<td>[^<]*</td>){3}<td>(\d+)</td><td>(\d+)</td>',
                                         report).groups())
        heights = [float(height) for height in re.findall(r"v-([\d.]+)", content)]
        share = max(heights) / sum(heights) * (100 - float(zeros))  # of the tallest bar, in percent
        tallest = max(tallest, share)
        descriptions.append(f"{title}: {dead} of {units} units are always 0, and {zeros} % of the outputs are 0")
        squares = "".join(f'<path class="{"dead" if unit < dead else "alive"}" d="M{12 + 10 * unit}.5 .5h6v6h-6z"/>'
                          for unit in range(units))
        parts.append((share, f'<text class="title" x="12" y="-12">{html.escape(title)}: {dead} of {units} units of the '
                             f'first layer are always 0</text>{squares}<text x="12" y="26">outputs: {note}</text>', content))
    content = ""
    for index, (share, head, chart) in enumerate(parts):
        scaled = chart.replace('<path class="bar b"',
                               f'<path class="bar" transform="translate(0 {94 * (1 - share / tallest):.2f}) '
                               f'scale(1 {share / tallest:.4f})"')
        content += f'<g transform="translate(0 {196 * index})">{head}<g transform="translate(0 26)">{scaled}</g></g>'
    return picture(196 * len(parts), "Outputs of the first layer. " + "; ".join(map(html.escape, descriptions)),
                   STYLE + UNIT_STYLE, content)


def report_of(title):
    return (pathlib.Path(sys.argv[1]) / f"{title}.html").read_text(encoding="utf-8")


def write(name, text):
    pathlib.Path(__file__).with_name(f"{name}.svg").write_text(text, encoding="utf-8")


for title, name in LOSSES.items():
    write(name, loss_picture(report_of(title), title))
write("dead_units", unit_picture({title: report_of(title) for title in (HEALTHY, DEAD)}))
