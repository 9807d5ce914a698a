#pragma once

#include <string>
#include <string_view>

#include <typenet/core/namespace.hpp>
#include <typenet/report/detail/html.hpp>

/// The frame of a page that holds everything itself: head, style, body.
namespace TYPENET::detail::html {

/// The style: colours for light and dark screens and for paper, apart for those who don't tell red from green. Wide
/// tables scroll in their own box, the page itself never does.
inline constexpr std::string_view style = R"(
:root{color-scheme:light dark;--page:#fff;--text:#1b1e22;--muted:#59616b;--line:#dde2e8;--soft:#f3f5f8;
--a:#0072b2;--b:#c2500a;--a-rgb:0,114,178;--b-rgb:213,94,0}
@media (prefers-color-scheme:dark){:root{--page:#14171b;--text:#e8ebef;--muted:#a6aeb8;--line:#333a43;--soft:#1e2329;
--a:#5ab4e6;--b:#f2a65a;--a-rgb:60,150,215;--b-rgb:225,125,45}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:72rem;margin:0 auto;padding:1.5rem clamp(.9rem,4vw,2.5rem) 4rem;overflow-wrap:anywhere}
h1{font-size:1.75rem;line-height:1.2;margin:.5rem 0}
h2{font-size:1.3rem;margin:2.75rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--line)}
h3{font-size:1.05rem;margin:1.75rem 0 .5rem}
p{margin:.5rem 0;max-width:46rem}
.muted,.note,caption{color:var(--muted)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.4rem,1fr));gap:.75rem;margin:1.25rem 0}
.tiles div{background:var(--soft);border-radius:.5rem;padding:.6rem .8rem}
.tiles dt{color:var(--muted);font-size:.85rem}
.tiles dd{margin:0;font-size:1.2rem;white-space:nowrap;font-weight:600;font-variant-numeric:tabular-nums}
.notes{margin:.5rem 0;padding:.25rem 0 .25rem 1.9rem;border-left:4px solid var(--b);background:var(--soft);border-radius:.25rem}
.notes li{margin:.35rem .8rem .35rem 0}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr));gap:1.25rem 2rem;margin:.75rem 0}
figure{margin:0;min-width:0}
.pair{grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr))}
.charts figure{max-width:27rem}
figcaption{font-size:.9rem;margin-bottom:.25rem}
.charts figcaption,section>figure>figcaption{display:flex;flex-wrap:wrap;column-gap:.9rem}
.key{white-space:nowrap}
.key i{display:inline-block;width:1.3rem;margin-right:.35rem;vertical-align:.25em;border-top:3px solid var(--a)}
.key i.b{border-top:3px dashed var(--b)}
svg{display:block;width:100%;height:auto}
svg text{fill:var(--muted);font:11px system-ui,-apple-system,"Segoe UI",sans-serif}
text.y{text-anchor:end}
text.x{text-anchor:middle}
path{fill:none}
.grid{stroke:var(--line)}
.reference{stroke:var(--muted);stroke-dasharray:2 4}
.line{stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.line.a{stroke:var(--a)}
.line.b{stroke:var(--b);stroke-dasharray:6 4}
.points{stroke:var(--a);stroke-width:3.5;stroke-linecap:round;stroke-opacity:.7}
.bar.a{fill:var(--a)}
.bar.b{fill:var(--b)}
.scroll{overflow-x:auto;overflow-wrap:normal;margin:.75rem 0;max-width:100%;position:relative}
.scroll:focus-visible,summary:focus-visible{outline:2px solid var(--a);outline-offset:2px}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
caption{text-align:left;padding-bottom:.4rem;font-size:.9rem}
th,td{padding:.3rem .65rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th{font-weight:600}
thead th{white-space:normal;vertical-align:bottom}
th[scope=row],thead th:first-child{text-align:left;position:sticky;left:0;background:var(--page)}
.texts td,.texts th{text-align:left;vertical-align:top}
.texts{width:100%}
.texts th,.texts td{white-space:normal;overflow-wrap:anywhere}
.texts th[scope=row]{position:static;width:28%}
.confusion td,.confusion thead th{text-align:center;min-width:2.9rem}
.confusion td{border:1px solid var(--page)}
.confusion td.a{background:rgba(var(--a-rgb),var(--share))}
.confusion td.b{background:rgba(var(--b-rgb),var(--share))}
.confusion td.zero{color:var(--muted)}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(7rem,1fr));gap:1rem;padding:0;margin:.75rem 0;list-style:none}
.pictures img{width:100%;background:#000}
img{display:block;image-rendering:pixelated;max-width:100%;height:auto}
img.weights{width:100%;max-width:40rem;margin-bottom:1.5rem}
.pictures figcaption{margin-top:.3rem;line-height:1.35}
summary{cursor:pointer;padding:.3rem 0}
code{font:.9rem ui-monospace,Menlo,Consolas,monospace}
@media (max-width:36rem){table{font-size:.82rem}th,td{padding:.25rem .4rem}.confusion td,.confusion thead th{min-width:2.2rem}
.pictures{grid-template-columns:repeat(auto-fill,minmax(6rem,1fr))}}
@media print{:root{color-scheme:light;--page:#fff;--text:#000;--muted:#444;--line:#ccc;--soft:#f3f5f8;--a:#0072b2;--b:#c2500a;
--a-rgb:0,114,178;--b-rgb:213,94,0}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{font-size:11pt}main{max-width:none;padding:0}
h2,h3,caption,figcaption{break-after:avoid}figure,tr,.tiles,.notes{break-inside:avoid}
.pictures{display:block}.pictures li{display:inline-block;width:7rem;margin:0 .8rem .8rem 0;vertical-align:top}
.scroll{overflow:visible}th,td{white-space:normal;padding:.15rem .35rem}th[scope=row]{position:static}}
)";

/// Returns the whole page. `title` is text, `content` is HTML.
inline std::string page(std::string_view title, std::string_view content) {
    std::string text =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n";
    text += element("title", escaped(title)) + "\n" + element("style", style) + "\n</head>\n<body>\n<main>\n";
    return text.append(content).append("</main>\n</body>\n</html>\n");
}

/// Returns a part of a page, with its heading; nothing where there is no content.
inline std::string section(std::string_view heading, std::string_view content) {
    if (content.empty()) return {};
    return element("section", element("h2", escaped(heading)) + "\n" + std::string(content)) + "\n";
}

inline std::string paragraph(std::string_view text) { return element("p", escaped(text)) + "\n"; }

/// Returns charts side by side, where there is room; nothing where there are none.
inline std::string charts(std::string_view figures, std::string_view kind = "charts") {
    if (figures.empty()) return {};
    return element("div class=\"" + std::string(kind) + "\"", figures) + "\n";
}

}  // namespace TYPENET::detail::html
