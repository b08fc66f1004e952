"""The bash grammar, loaded when the first parse is wanted. Nothing here knows what a tree means."""

from __future__ import annotations

from importlib.machinery import ExtensionFileLoader, ModuleSpec, PathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_parser: Parser | None = None


def root(source: bytes) -> Node:
    """The root of the syntax tree of `source` (ASCII). A tree comes back for any text; errors are nodes in it."""
    global _parser
    if _parser is None:
        from tree_sitter import Language, Parser

        _parser = Parser(Language(_grammar()))
    return _parser.parse(source).root_node


def _grammar() -> object:
    """What `tree_sitter_bash.language()` gives.

    The package's `__init__` imports importlib.resources (half of its import time) only to offer highlighting queries.
    So its compiled module is loaded by itself where it lies in the known place, and the package is imported the
    ordinary way where it does not.
    """
    binding = _binding()
    if binding is None or not isinstance(binding.loader, ExtensionFileLoader):
        import tree_sitter_bash

        return tree_sitter_bash.language()
    module = binding.loader.create_module(binding)
    binding.loader.exec_module(module)
    return module.language()


def _binding() -> ModuleSpec | None:
    package = PathFinder.find_spec("tree_sitter_bash")
    if package is None or package.submodule_search_locations is None:
        return None
    return PathFinder.find_spec("tree_sitter_bash._binding", package.submodule_search_locations)
