"""One wheel for every Python: the library inside is C, and nothing is compiled against Python."""

import pathlib
import re

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel


class PlatformWheel(bdist_wheel):
    def finalize_options(self) -> None:
        super().finalize_options()
        self.root_is_pure = False

    def get_tag(self) -> tuple[str, str, str]:
        return "py3", "none", "manylinux_2_34_x86_64"


source = pathlib.Path(__file__).parent.parent / "Sources/QAP/PackageVersion.swift"
version = re.search(r'text = "([^"]+)"', source.read_text()).group(1)
setup(version=version, cmdclass={"bdist_wheel": PlatformWheel})
