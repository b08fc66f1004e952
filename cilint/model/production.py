"""Which names speak of production. What such a name asks of a pipeline or a deployment is for the checks to say."""

from __future__ import annotations

from typing import Final

from cilint.source.pattern import lazy

_WORDS: Final = lazy(r"[A-Z]+(?=[A-Z][a-z]|\b|_|\d)|[A-Z]?[a-z]+|[A-Z]+|\d+")
_PUT_IN: Final = lazy(r"\$\{[^}]*\}")
_PRODUCTION: Final = frozenset(["prod", "production", "prd"])
_NOT: Final = frozenset(["non", "no", "not", "pre"])


def name_words(text: str) -> list[str]:
    """The words of a name in lower case: of `DeployToProd` or `deploy-to-prod` deploy, to, prod."""
    return [word.lower() for word in _WORDS.findall(text)]


def is_production(text: str) -> bool:
    """Whether a name speaks of production: `DeployProd`, `web-production`; not `pre-prod`, `nonprod`, `product`."""
    words = name_words(_PUT_IN.sub(" ", text))
    return any(word in _PRODUCTION and not (index and words[index - 1] in _NOT) for index, word in enumerate(words))
