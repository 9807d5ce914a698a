import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy, load
from conan.tools.layout import basic_layout

required_conan_version = ">=2.0"


class TypenetConan(ConanFile):
    """conan create .packaging/conan -s compiler.cppstd=20 packages the copy of the repository that this recipe lies in,
    and builds and runs test_package."""

    name = "typenet"
    description = "Header-only C++20 multilayer perceptrons, sized at compile time"
    license = "MIT"
    topics = ("machine-learning", "neural-network", "header-only", "xtensor")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"xsimd": [True, False], "zlib": [True, False]}
    default_options = {"xsimd": True, "zlib": True}
    no_copy_source = True

    @property
    def _project(self):
        return os.path.join(self.recipe_folder, "..", "..")

    def set_version(self):
        header = load(self, os.path.join(self._project, "include", "typenet", "version.hpp"))
        self.version = ".".join(re.findall(r"define TYPENET_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header))

    def export_sources(self):
        copy(self, "*.hpp", os.path.join(self._project, "include"), os.path.join(self.export_sources_folder, "include"))
        copy(self, "LICENSE", self._project, self.export_sources_folder)

    def layout(self):
        basic_layout(self)

    def requirements(self):
        self.requires("xtensor/[>=0.24.3 <0.28]")
        if self.options.xsimd:
            self.requires("xsimd/[>=8.1.0 <14]")
        if self.options.zlib:
            self.requires("zlib/[>=1.2.11 <2]")

    def validate(self):
        check_min_cppstd(self, 20)

    def package(self):
        copy(self, "*.hpp", os.path.join(self.source_folder, "include"), os.path.join(self.package_folder, "include"))
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))

    def package_id(self):
        self.info.clear()

    def package_info(self):
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
        self.cpp_info.defines = [
            f"TYPENET_USE_XSIMD={int(bool(self.options.xsimd))}",
            f"TYPENET_USE_ZLIB={int(bool(self.options.zlib))}",
        ]
        if self.settings.os in ("Linux", "FreeBSD"):
            self.cpp_info.system_libs = ["pthread"]
