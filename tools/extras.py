"""Prints what extras of pyproject.toml require, one requirement a line: to install them without building promessa again.

python tools/extras.py dev load
"""

import sys
import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
for name in sys.argv[1:]:
    print("\n".join(project["optional-dependencies"][name]))
