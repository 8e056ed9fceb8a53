"""Side and view of a projection, as they are said: `R MLO ID` (requirements XR2, XR6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dicom_widgets.values import items, text, value

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_VIEWS: Final = {
    "399162004": "CC", "R-10242": "CC",
    "399368009": "MLO", "R-10226": "MLO",
    "399260004": "ML", "R-10224": "ML",
    "399352003": "LM", "R-10228": "LM",
    "399099002": "LMO", "R-10230": "LMO",
    "399188001": "FB", "R-10244": "FB",
    "399265003": "XCCL", "Y-X1770": "XCCL",
    "399192008": "SIO", "R-102D0": "SIO",
}  # fmt: skip
"""View codes of mammography and how they are written (PS3.16 CID 4014; PS3.3 C.8.11.7.1)."""
_MODIFIERS: Final = {
    "399161006": "CV", "R-102D2": "CV",
    "399163009": "M", "R-102D6": "M",
    "399055006": "S", "R-102D7": "S",
    "399011000": "RL", "R-102D3": "RL",
    "398950001": "RM", "R-102D4": "RM",
    "399110001": "RI", "R-102D1": "RI",
    "399209000": "RS", "R-102CA": "RS",
    "399196006": "AT", "R-102D5": "AT",
    "399113001": "TAN", "R-102C2": "TAN",
    "399012007": "ID", "R-102D8": "ID",
    "399000000": "NP",
}  # fmt: skip
