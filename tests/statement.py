"""The tables of the Statement, typed from it as facts: UIDs, keywords, kinds of matching, sizes, terms.

Each table is a row -> cell mapping; transfer syntaxes have the position at which they are printed. Names and sentences
of the Statement are not here.
"""

from __future__ import annotations

from pydicom.datadict import keyword_for_tag

Table = dict[str, str]

_STORAGE = "1.2.840.10008.5.1.4.1.1."
_CLASSES = """
1 1.1 1.2 1.3 104.1 11.1 11.4 12.1 12.2 128 13.1.3 131 14.1 2 2.1 20 3 3.1 4 4.1 481.2 481.3 481.5 6 6.1 6.2 66.1 66.4
7 7.4 77.1.1 77.1.4 77.1.5.1 88.11 88.22 88.33 88.35 88.50 88.59 88.65 88.67 88.68 9.1.1 9.1.2
""".split()
_ONLY_IN_THE_OVERVIEW = "9.3.1"
_NINE = """
1.2.840.10008.1.2 1.2.840.10008.1.2.1 1.2.840.10008.1.2.4.50 1.2.840.10008.1.2.4.51 1.2.840.10008.1.2.4.57
1.2.840.10008.1.2.4.70 1.2.840.10008.1.2.4.80 1.2.840.10008.1.2.4.90 1.2.840.10008.1.2.4.91
""".split()
_TERMS = [
    *(f"ISO_IR {n}" for n in (100, 101, 109, 110, 144, 127, 126, 138)),
    *(f"ISO 2022 IR {n}" for n in (13, 87, 149)),
]
_EXPLICIT_FIRST = ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"]
_FIND, _MOVE, _GET = (f"1.2.840.10008.5.1.4.1.2.2.{n}" for n in (1, 2, 3))


def _yes(rows: list[str]) -> Table:
    return dict.fromkeys(rows, "yes")


def _contexts(syntaxes: list[str], role: str) -> Table:
    positions = {syntax: str(position) for position, syntax in enumerate(syntaxes, 1)}
    return positions | {"role": role, "extended negotiation": "None"}


def _keys(text: str) -> Table:
    """Read `group,element matching` rows."""
    rows = (line.split() for line in text.strip().splitlines())
    return {keyword_for_tag(int(tag.replace(",", ""), 16)): matching for tag, matching in rows}


TABLES: dict[str, Table] = {
    "Overview, storage": {
        **_yes([_STORAGE + suffix for suffix in (*_CLASSES, _ONLY_IN_THE_OVERVIEW)]),
        "role": "SCP",
    },
    "Overview, services": _yes([f"{_FIND} SCU", f"{_MOVE} SCU", f"{_GET} SCU", "WADO-URI SCU"]),
    "Overview, transfer syntaxes": {syntax: str(position) for position, syntax in enumerate(_NINE, 1)},
    "Table 1": {_FIND: "SCU"},
    "Table 2": {"simultaneous associations": "1"},
    "Tables 2, 8, 11, 14": {
        "Maximum PDU size received": "16384",
        "Implementation Class UID": "1.2.40.0.13.1.1",
        "Implementation Version Name": "dcm4che-2.0",
    },
    "Table 3": _contexts(_EXPLICIT_FIRST, "SCU"),
    "Table 4": _keys("""
        0008,0020  S,*,U,R
        0008,0030  S,*,U,R
        0008,0050  S,*,U
        0010,0010  S,*,U
        0010,0020  S,*,U
        0020,0010  S,*,U
        0020,000D  UNIQUE
        0008,0061  S,*,U
        0008,0062  U
        0020,1208  U
        0008,0090  S,*,U
        0008,1030  S,*,U
        0008,1032  U
        0008,1110  U
        0008,1120  U
        0010,0021  S,*,U
        0010,0030  S,*,U,R
        0010,0032  S,*,U,R
        0010,0040  S,*,U
    """),
    "Table 5": _keys("""
        0008,0060  S,*,U
        0008,103E  S,*,U
        0020,000E  UNIQUE
        0020,0011  S,*,U
        0020,1209  U
        0040,0244  U
        0040,0245  U
        0008,0021  S,*,U,R
        0040,0275  U
        0040,A370  U
    """),
    "Table 6": _keys("""
        0020,000D  UNIQUE
        0020,000E  UNIQUE
        0008,0018  S,*,U
        0008,0016  S,*,U
        0008,0056  S,*,U
        0020,0013  S,*,U
        0028,0010  U
        0028,0011  U
        0028,0100  U
        0028,0008  U
        0008,0023  S,*,U,R
        0008,0033  S,*,U,R
        0040,A370  U
        0040,A504  U
        0040,A043  U
    """),
    "Table 7": {**_yes([_STORAGE + suffix for suffix in _CLASSES]), "role": "SCU"},
    "Table 8": {"simultaneous associations": "configurable"},
    "Table 9": _contexts(_NINE, "SCU"),
    "Table 10": {_GET: "SCU"},
    "Table 11": {"simultaneous associations": "1", "associations of one retrieval": "1"},
    "Table 12, service": _contexts(["1.2.840.10008.1.2"], "SCU"),
    "Table 12, storage": _contexts(_NINE, "SCU"),
    "Table 13": {_MOVE: "SCU"},
    "Table 14": {"simultaneous associations": "1"},
    "Table 15": _contexts(_EXPLICIT_FIRST, "SCU"),
    "WADO-URI": {
        **_yes(_NINE),
        "SOP Class restrictions": "-",
        "Size restriction": "-",
        "Anonymization": "-",
    },
    "Media, transfer syntaxes": _yes(["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"]),
    "Table 16": {"STD-GEN-CD": "FSR", "STD-GEN-DVD-RAM": "FSR"},
    "Table 17": _yes(_TERMS),
    "Security": {},
}
"""Name of a table -> its rows."""
