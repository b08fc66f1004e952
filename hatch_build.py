"""Build hook: what a wheel holds beside the code - rule pages, schemas, and the index compiled from the pages."""

from __future__ import annotations

import os
import pprint
import sys
import tempfile
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledIndex(BuildHookInterface):  # type: ignore[type-arg]
    """Adds `cilint/_index.py` to a wheel; an editable install compiles the pages itself."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        try:
            from cilint.engine.index import compile_rows

            rows = compile_rows(self.root)
        finally:
            sys.path.remove(self.root)
        self.compiled = tempfile.TemporaryDirectory()
        path = os.path.join(self.compiled.name, "_index.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write('"""The rule index, compiled from rules/ when this wheel was built. Do not edit."""\n\n')
            file.write(f"ROWS = {pprint.pformat(rows, width=120, sort_dicts=False)}\n")
        build_data["force_include"][path] = "cilint/_index.py"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self.compiled.cleanup()
