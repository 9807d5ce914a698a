"""Runs the recipe of Conan without Conan: the classes and functions below stand in for Conan's. They can't show that the
recipes of the dependencies work together.  python3 conan.py PROJECT WORK"""

import fnmatch
import pathlib
import re
import shutil
import sys
import types

project, work = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
recipes = project / ".packaging/conan"


def copy(_, pattern, source, destination):
    source = pathlib.Path(source)
    files = list(source.rglob("*")) if "*" in pattern else [source / pattern]
    for file in files:
        if file.is_file() and fnmatch.fnmatch(str(file.relative_to(source)), pattern):
            to = pathlib.Path(destination) / file.relative_to(source)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, to)


def module(name, **members):
    sys.modules[name] = types.ModuleType(name)
    vars(sys.modules[name]).update(members)


module("conan", ConanFile=type("ConanFile", (), {}))
module("conan.tools")
module("conan.tools.build", check_min_cppstd=lambda *_: None, can_run=lambda _: True)
module("conan.tools.cmake", CMake=None, cmake_layout=None)
module("conan.tools.files", copy=copy, load=lambda _, file: pathlib.Path(file).read_text())
module("conan.tools.layout", basic_layout=lambda _: None)

found = {}
for file in (recipes / "conanfile.py", recipes / "test_package/conanfile.py"):
    exec(compile(file.read_text(), str(file), "exec"), found)  # pylint: disable=exec-used

shutil.rmtree(work, ignore_errors=True)
for wanted in (True, False):
    recipe = found["TypenetConan"]()
    recipe.recipe_folder = str(recipes)
    recipe.export_sources_folder = recipe.source_folder = str(work / "sources")
    recipe.package_folder = str(work / "package")
    recipe.options = types.SimpleNamespace(**{name: wanted for name in recipe.default_options})
    recipe.settings = types.SimpleNamespace(os="Linux")
    recipe.info = types.SimpleNamespace(clear=lambda: None)
    recipe.cpp_info = types.SimpleNamespace()
    requirements = []
    recipe.requires = requirements.append
    for step in ("set_version", "export_sources", "layout", "requirements", "validate", "package", "package_id",
                 "package_info"):
        getattr(recipe, step)()
    named = {requirement.split("/")[0] for requirement in requirements}
    assert named == {"xtensor"} | ({"xsimd", "zlib"} if wanted else set()), named
    assert f"TYPENET_USE_XSIMD={int(wanted)}" in recipe.cpp_info.defines, recipe.cpp_info.defines

header = (project / "include/typenet/version.hpp").read_text()
assert recipe.version == ".".join(re.findall(r"_(?:MAJOR|MINOR|PATCH) (\d+)\n", header)), recipe.version
headers = {file.relative_to(project) for file in (project / "include").rglob("*.hpp")}
packaged = {file.relative_to(work / "package") for file in (work / "package").rglob("*") if file.is_file()}
assert packaged == headers | {pathlib.Path("licenses/LICENSE")}, packaged ^ headers
