"""Addresses and blocks as conditions write them. By hand, because `ipaddress` costs more at start than it gives."""

from __future__ import annotations

import re
from typing import Final

_V4: Final = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:/(\d{1,2}))?")
_PRIVATE: Final = (
    # RFC 1918, 6598, 3927 and loopback: first address, bits.
    (0x0A000000, 8),
    (0xAC100000, 12),
    (0xC0A80000, 16),
    (0x64400000, 10),
    (0xA9FE0000, 16),
    (0x7F000000, 8),
)


def network(text: str) -> str | None:
    """The block that an address or block names, as text with its first address; None of what is neither."""
    parsed = _v4(text)
    if parsed is None:
        return text.lower() if _is_v6(text) else None
    first, bits = parsed
    first &= ~0 << (32 - bits) & 0xFFFFFFFF
    dotted = ".".join(str(first >> shift & 255) for shift in (24, 16, 8, 0))
    return f"{dotted}/{bits}" if "/" in text else dotted


def private(text: str) -> bool:
    """Whether an IPv4 address or block lies in a range that the internet does not route."""
    parsed = _v4(text)
    return parsed is not None and any(
        parsed[1] >= bits and parsed[0] >> (32 - bits) == first >> (32 - bits) for first, bits in _PRIVATE
    )


def _v4(text: str) -> tuple[int, int] | None:
    match = _V4.fullmatch(text)
    if match is None:
        return None
    parts = [int(part) for part in match.groups()[:4]]
    bits = int(match[5]) if match[5] else 32
    if max(parts) > 255 or bits > 32:
        return None
    return parts[0] << 24 | parts[1] << 16 | parts[2] << 8 | parts[3], bits


def _is_v6(text: str) -> bool:
    address, slash, bits = text.partition("/")
    if slash and not (bits.isdigit() and int(bits) <= 128):
        return False
    groups = address.split(":")
    short = "::" in address
    return (
        3 <= len(groups) <= 9
        and (short or len(groups) == 8)
        and address.count("::") <= 1
        and all(re.fullmatch("[0-9a-fA-F]{0,4}", group) for group in groups)
    )
