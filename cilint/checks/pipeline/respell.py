"""Fixes that write one word for another, the quotes around it kept. Which word is right is for the checks to say."""

from __future__ import annotations

from cilint.core.finding import Fix, Replacement, Safety
from cilint.source.maps import scalar_map
from cilint.source.nodes import Node, Scalar
from cilint.source.text import Text


def respell(text: Text, node: Node, word: str, safety: Safety = "unsafe", part: str | None = None) -> Fix | None:
    """The fix that writes `word` for the scalar's text, or for its beginning `part`; None where it is no plain text of
    the file (an alias, escapes, a function)."""
    if not isinstance(node, Scalar) or (part is not None and not node.value.startswith(part)):
        return None
    span = scalar_map(text, node).verbatim(0, len(node.value if part is None else part))
    if span is None:
        return None
    return Fix(f"Write `{word}`" if word else "Remove it", safety, (Replacement(span, word),))
