"""Specific Character Sets of the texts that are decoded."""

from __future__ import annotations

from typing import Final

CHARACTER_SETS: Final[dict[str, str]] = {
    "ISO_IR 100": "Latin alphabet No. 1",
    "ISO_IR 101": "Latin alphabet No. 2",
    "ISO_IR 109": "Latin alphabet No. 3",
    "ISO_IR 110": "Latin alphabet No. 4",
    "ISO_IR 144": "Cyrillic",
    "ISO_IR 127": "Arabic",
    "ISO_IR 126": "Greek",
    "ISO_IR 138": "Hebrew",
    "ISO 2022 IR 13": "Japanese",
    "ISO 2022 IR 87": "Japanese",
    "ISO 2022 IR 149": "Korean",
}
"""Table 17: defined term -> what it covers."""

FURTHER_CHARACTER_SETS: Final[dict[str, str]] = {
    "ISO_IR 192": "Unicode in UTF-8",
    "GB18030": "Chinese",
    "GBK": "Simplified Chinese",
    "ISO_IR 148": "Latin alphabet No. 5",
    "ISO_IR 166": "Thai",
    "ISO_IR 13": "Japanese",
    "ISO 2022 IR 159": "Japanese",
    "ISO 2022 IR 58": "Simplified Chinese",
    "ISO 2022 IR 6": "Default repertoire",
    "ISO 2022 IR 100": "Latin alphabet No. 1",
    "ISO 2022 IR 101": "Latin alphabet No. 2",
    "ISO 2022 IR 109": "Latin alphabet No. 3",
    "ISO 2022 IR 110": "Latin alphabet No. 4",
    "ISO 2022 IR 148": "Latin alphabet No. 5",
    "ISO 2022 IR 144": "Cyrillic",
    "ISO 2022 IR 127": "Arabic",
    "ISO 2022 IR 126": "Greek",
    "ISO 2022 IR 138": "Hebrew",
    "ISO 2022 IR 166": "Thai",
}
"""What is decoded beyond Table 17: further sets, and code extensions of the single-byte ones."""
