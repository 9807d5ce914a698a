"""Builds the documentation as one site: the pages of README.md and docs/ by pandoc, the reference by Doxygen, both in
the same frame, with a search over all of it. The site loads nothing from elsewhere, so it also works from a folder.

build.py SOURCE OUTPUT

It fails where Doxygen warns, for example of a public name without documentation, and where a link leads nowhere."""

import html
import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree

HERE = pathlib.Path(__file__).resolve().parent

ROOMS = {
    "": "Start here",
    "network": "Networks",
    "layers": "Layers",
    "losses": "Losses",
    "activations": "Activations",
    "initializers": "Initializers",
    "optimizers": "Optimizers",
    "train": "Training",
    "callbacks": "Callbacks",
    "data": "Data",
    "evaluate": "Evaluation",
    "selection": "Choosing among networks",
    "report": "Reports",
    "io": "Files and exports",
    "testing": "Gradient check",
    "core": "Contracts and basics",
    "kernels": "Packs of numbers",
}


def title_of(markdown):
    return re.search(r"^# (.+)$", markdown, re.MULTILINE)[1].replace("`", "")


def guide_groups(guide):
    """Returns the pages that the guide's README lists, as (heading, paths). Each page ends with a link to the next, and
    no page is left out."""
    text = (guide / "README.md").read_text(encoding="utf-8")
    groups = []
    for heading, section in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE):
        names = re.findall(r"^\| \[[^\]]+\]\(([\w-]+\.md)\)", section, re.MULTILINE)
        if names:
            groups.append((heading, [guide / name for name in names]))
    order = [path for _, paths in groups for path in paths]
    for path in sorted(set(guide.glob("*.md")) - {guide / "README.md", *order}):
        sys.exit(f"{guide / 'README.md'}: {path.name} is in no table")
    for path, following in zip(order, order[1:]):
        if f"]({following.name})" not in path.read_text(encoding="utf-8").rstrip().rsplit("\n\n", 1)[1]:
            sys.exit(f"{path}: its last lines must have a link to the next page of the guide, {following.name}")
    return groups


def pages(source):
    """Returns the Markdown files, by their path in the site, as (heading of the navigation, {path: file})."""
    guide = source / "docs" / "guide"
    groups = [("", {"index.html": source / "README.md", "guide/index.html": guide / "README.md"})]
    for heading, paths in guide_groups(guide):
        groups.append((heading, {f"guide/{path.stem}.html": path for path in paths}))
    readme = (source / "README.md").read_text(encoding="utf-8")
    names = re.findall(r"^- \[docs/([\w-]+\.md)\]", readme, re.MULTILINE)
    names += sorted(path.name for path in (source / "docs").glob("*.md"))
    groups.append(("Background", {f"{pathlib.Path(name).stem}.html": source / "docs" / name for name in names}))
    return groups


class Site:
    def __init__(self, source, output):
        self.source = source
        self.output = output
        self.groups = pages(source)
        self.pages = {target: path for _, group in self.groups for target, path in group.items()}
        self.targets = {path.resolve(): target for target, path in self.pages.items()}
        self.entries = []  # of the search: title, where it stands, address, text

    def navigation(self, prefix, here):
        def item(address, title):
            current = ' aria-current="page"' if address == here else ""
            return f'<li><a href="{prefix}{address}"{current}>{html.escape(title)}</a></li>'

        parts = []
        for heading, group in self.groups:
            items = [item(target, title_of(path.read_text(encoding="utf-8"))) for target, path in group.items()]
            if not heading:
                items.append(item("reference.html", "Reference"))
            parts.append((f"<h2>{heading}</h2>" if heading else "") + f"<ul>{''.join(items)}</ul>")
        return "".join(parts)

    def frame(self, title, body, address):
        prefix = "../" * address.count("/")
        frame = (HERE / "frame.html").read_text(encoding="utf-8")
        values = {"title": html.escape(title), "prefix": prefix, "body": body,
                  "navigation": self.navigation(prefix, address)}
        return re.sub(r"@(title|prefix|body|navigation)@", lambda name: values[name[1]], frame)

    def write(self, address, text):
        path = self.output / address
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def link(self, page, target, address):
        """Returns where a link of a Markdown file leads in the site. Files of the project are copied into it."""
        parts = urllib.parse.urlsplit(target)
        if parts.scheme or not parts.path:
            return target
        path = (page.parent / urllib.parse.unquote(parts.path)).resolve()
        prefix = "../" * address.count("/")
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        if path in self.targets:
            return prefix + self.targets[path] + fragment
        if not path.is_file():
            sys.exit(f"{page}: the link {target} leads to no file")
        name = path.relative_to(self.source).as_posix()
        shown = path.suffix in {".svg", ".png", ".html"}
        copy = self.output / "files" / (name if shown else name.replace("/.", "/") + ".txt")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        return prefix + urllib.parse.quote(copy.relative_to(self.output).as_posix())

    def page(self, address, path):
        text = path.read_text(encoding="utf-8")
        formulas = re.sub(r"^```math\n(.*?)\n```$", r"$$\1$$", text, flags=re.DOTALL | re.MULTILINE)
        body = subprocess.run(["pandoc", "--from", "gfm+tex_math_dollars", "--to", "html", "--mathml", "--no-highlight"],
                              input=formulas, check=True, capture_output=True, text=True).stdout
        body = re.sub(r'\b(href|src)="([^"]*)"', lambda found:
                      f'{found[1]}="{html.escape(self.link(path, html.unescape(found[2]), address))}"', body)
        body = re.sub(r"<table>(.*?)</table>", r'<div class="wide"><table>\1</table></div>', body, flags=re.DOTALL)
        title = title_of(text)
        for heading in re.finditer(r'<h([1-3]) id="([^"]*)">(.*?)</h\1>(.*?)(?=<h[1-3] |\Z)', body, re.DOTALL):
            words = re.sub(r"\s+", " ", html.unescape(re.sub(r"<math.*?</math>|<[^>]*>", " ", heading[4], flags=re.DOTALL)))
            name = html.unescape(re.sub(r"<[^>]*>", "", heading[3]))
            self.entries.append([name, title, f"{address}#{heading[2]}", words.strip()])
        self.write(address, self.frame(title, body, address))

    def reference(self):
        """Runs Doxygen, and writes a page with all public types and functions by room."""
        work = self.output / "doxygen"
        work.mkdir()
        frame = self.frame("$title", "@split@", "reference/x.html").split("@split@")
        # Doxygen puts a page's navigation before its title.
        for name, text in zip(("header.html", "footer.html"), frame):
            (work / name).write_text(text, encoding="utf-8")
        version = "".join(re.findall(r"define TYPENET_VERSION_\w+ (\d+)\n",
                                     (self.source / "include/typenet/version.hpp").read_text(encoding="utf-8")))
        settings = (HERE / "Doxyfile").read_text(encoding="utf-8") + f"""
PROJECT_NUMBER = {".".join(version)}
OUTPUT_DIRECTORY = {work}
HTML_OUTPUT = {self.output / "reference"}
HTML_HEADER = {work / "header.html"}
HTML_FOOTER = {work / "footer.html"}
INPUT_FILTER = "{sys.executable} {HERE / "doxygen_filter.py"}"
"""
        result = subprocess.run(["doxygen", "-"], input=settings, cwd=self.source, text=True, capture_output=True)
        warnings = [line for line in result.stderr.splitlines() if line.strip()]
        if result.returncode or warnings:
            sys.exit("Doxygen finds:\n" + "\n".join(warnings))
        # Lists that reference.html and the search do better, and pictures of a frame that isn't used.
        for pattern in ("*-members.html", "functions*.html", "namespacemembers*.html", "annotated.html", "classes.html",
                        "concepts.html", "hierarchy.html", "inherits.html", "namespaces.html", "files.html", "index.html",
                        "globals*.html", "dir_*.html", "*.png", "*.svg", "*.js", "*.css"):
            for path in (self.output / "reference").glob(pattern):
                path.unlink()
        self.write("reference.html", self.frame("Reference", self.reference_index(work / "xml"), "reference.html"))
        shutil.rmtree(work)

    def reference_index(self, folder):
        rooms = {}

        def add(name, kind, brief, header, address):
            room = header.split("/")[1].removesuffix(".hpp") if "/" in header else ""
            rooms.setdefault(room if room in ROOMS else "", {}).setdefault(name, (kind, brief, header, address))
            self.entries.append([name, f"{kind} in {header}", address, brief])

        def text(node):
            return re.sub(r"\s+", " ", "".join(node.itertext())).strip() if node is not None else ""

        for file in sorted(folder.glob("*.xml")):
            for compound in ElementTree.parse(file).getroot().iter("compounddef"):
                kind = compound.get("kind")
                name = text(compound.find("compoundname")).removeprefix("typenet::")
                is_named = kind in {"struct", "class", "concept"} or (kind == "namespace" and name not in {"typenet", "std"})
                if is_named and "<" not in name and compound.get("prot", "public") == "public":
                    header = compound.find("location").get("file").removeprefix("include/")
                    add(name, kind, text(compound.find("briefdescription")), header, f"reference/{compound.get('id')}.html")
                if kind not in {"struct", "class", "namespace"}:
                    continue
                for member in compound.iter("memberdef"):
                    if member.get("prot", "public") != "public" or member.get("kind") == "friend":
                        continue
                    member_name = text(member.find("name"))
                    header = member.find("location").get("file").removeprefix("include/")
                    brief = text(member.find("briefdescription"))
                    page, anchor = member.get("id").rsplit("_1", 1)
                    address = f"reference/{page}.html#{anchor}"
                    if kind == "namespace":
                        scope = "" if name == "typenet" else f"{name}::"
                        add(scope + member_name, member.get("kind"), brief, header, address)
                    else:
                        self.entries.append([f"{name}::{member_name}", f"in {header}", address, brief])
        body = ["<h1>Reference</h1><p>All public types and functions are in the namespace <code>typenet</code>. Most of "
                "them come with <code>#include &lt;typenet/typenet.hpp&gt;</code>; a row names the header for those "
                "who include less.</p>"]
        for room, heading in ROOMS.items():
            if room not in rooms:
                continue
            rows = []
            for name, (kind, brief, header, address) in sorted(rooms[room].items(), key=lambda item: item[0].lower()):
                rows.append(f'<tr><td><a href="{address}"><code>{html.escape(name)}</code></a></td><td>{html.escape(brief)}'
                            f'</td><td><code>{html.escape(header.removeprefix("typenet/"))}</code></td></tr>')
            body.append(f'<h2 id="{room or "start"}">{heading}</h2><div class="wide"><table class="names"><thead><tr>'
                        f'<th>Name</th><th>What it is</th><th>Header</th></tr></thead><tbody>{"".join(rows)}</tbody></table></div>')
        return "".join(body)

    def build(self):
        shutil.rmtree(self.output, ignore_errors=True)
        self.output.mkdir(parents=True)
        for address, path in self.pages.items():
            self.page(address, path)
        self.reference()
        for name in ("style.css", "search.js"):
            shutil.copyfile(HERE / name, self.output / name)
        entries = json.dumps(self.entries, ensure_ascii=False, separators=(",", ":"))
        self.write("index.js", f"const entries = {entries};\n")


class Links(html.parser.HTMLParser):
    """The links of a page, and the places in it where links can lead."""

    def __init__(self, text):
        super().__init__()
        self.links = []
        self.places = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.places.update(values[name] for name in ("id", "name") if values.get(name))
        self.links += [values[name] for name in ("href", "src") if values.get(name)]


def broken_links(site):
    parsed = {path: Links(path.read_text(encoding="utf-8")) for path in site.rglob("*.html") if "files" not in path.parts}
    for path, page in parsed.items():
        for link in page.links:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme:
                continue
            target = path.parent / urllib.parse.unquote(parts.path) if parts.path else path
            target = pathlib.Path(os.path.normpath(target))
            if not target.exists():
                yield f"{path.relative_to(site)}: {link} leads to no file"
            elif parts.fragment and target in parsed and urllib.parse.unquote(parts.fragment) not in parsed[target].places:
                yield f"{path.relative_to(site)}: {link} leads to no place in its page"


if __name__ == "__main__":
    output = pathlib.Path(sys.argv[2]).resolve()
    Site(pathlib.Path(sys.argv[1]).resolve(), output).build()
    broken = sorted(set(broken_links(output)))
    if broken:
        sys.exit("\n".join(broken))
    print(f"The site begins at {output / 'index.html'}")
