"""Storage SOP classes: which there are, and how their objects are displayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pydicom._uid_dict import UID_dictionary

from dicom_widgets.dicom.conformance.transfer_syntaxes import uid_name
from dicom_widgets.registry import Registry


@dataclass(frozen=True)
class StorageClass:
    """A storage SOP class."""

    uid: str
    name: str
    kind: str
    """How its objects are displayed: the presenter of this kind shows them (`display/present/presenters.py`)."""
    p_values: bool = False
    """The IOD defines the stored values as P-values (or near enough): without a VOI the full range is shown."""


def _storage(text: str) -> dict[str, StorageClass]:
    """Parse the table below: suffix of the UID, kind (`!` marks P-value output), name."""
    rows = [line.split(None, 1) for line in text.strip().splitlines()]
    classes = []
    for suffix, rest in rows:
        kind, name = (part.strip() for part in rest.split("|"))
        uid = f"1.2.840.10008.5.1.4.1.1.{suffix}"
        classes.append(StorageClass(uid, name, kind.rstrip("!"), kind.endswith("!")))
    return {c.uid: c for c in classes}


STORAGE: Final = Registry(
    "A storage class",
    _storage("""
1          image | Computed Radiography Image Storage
1.1        image! | Digital X-Ray Image Storage - For Presentation
1.2        image! | Digital Mammography X-Ray Image Storage - For Presentation
1.3        image! | Digital Intra-Oral X-Ray Image Storage - For Presentation
104.1      document | Encapsulated PDF Storage
11.1       presentation state | Grayscale Softcopy Presentation State Storage
11.4       blending | Blending Softcopy Presentation State Storage
12.1       image | X-Ray Angiographic Image Storage
12.2       image | X-Ray Radiofluoroscopic Image Storage
128        image | Positron Emission Tomography Image Storage
13.1.3     image! | Breast Tomosynthesis Image Storage
131        structured display | Basic Structured Display Storage
14.1       image! | Intravascular Optical Coherence Tomography Image Storage - For Presentation
2          image | CT Image Storage
2.1        image | Enhanced CT Image Storage
20         image | Nuclear Medicine Image Storage
3          image | Ultrasound Multi-frame Image Storage (Retired)
3.1        image | Ultrasound Multi-frame Image Storage
4          image | MR Image Storage
4.1        image | Enhanced MR Image Storage
481.2      dose | RT Dose Storage
481.3      structure set | RT Structure Set Storage
481.5      plan | RT Plan Storage
6          image | Ultrasound Image Storage (Retired)
6.1        image | Ultrasound Image Storage
6.2        image | Enhanced US Volume Storage
66.1       registration | Spatial Registration Storage
66.4       segmentation | Segmentation Storage
7          image! | Secondary Capture Image Storage
7.4        image! | Multi-frame True Color Secondary Capture Image Storage
77.1.1     image! | VL Endoscopic Image Storage
77.1.4     image! | VL Photographic Image Storage
77.1.5.1   image! | Ophthalmic Photography 8 Bit Image Storage
88.11      report | Basic Text SR Storage
88.22      report | Enhanced SR Storage
88.33      report | Comprehensive SR Storage
88.35      report | Extensible SR Storage
88.50      report | Mammography CAD SR Storage
88.59      key objects | Key Object Selection Document Storage
88.65      report | Chest CAD SR Storage
88.67      report | X-Ray Radiation Dose SR Storage
88.68      report | Radiopharmaceutical Radiation Dose SR Storage
9.1.1      waveform | 12-lead ECG Waveform Storage
9.1.2      waveform | General ECG Waveform Storage
9.3.1      waveform | Cardiac Electrophysiology Waveform Storage
"""),
)
"""SOP Class UID -> class: the 45 of the Statement's overview (its Table 7 leaves out the last one), of thirteen kinds.

Another package may add classes: `display.present.presenters.register`.
"""

RETIRED: Final[dict[str, str]] = {
    "1.2.840.10008.5.1.4.1.1.3": "UltrasoundMultiFrameImageStorageRetired",
    "1.2.840.10008.5.1.4.1.1.6": "UltrasoundImageStorageRetired",
}
"""SOP Class UID -> keyword, for retired classes that network libraries no longer list as storage classes."""

_YOUNG: Final = tuple(f"1.2.840.10008.5.1.4.1.1.{n}" for n in ("66.7", "66.8", "9.100.1", "9.100.2"))
"""Storage classes of the Standard that are younger than pydicom's dictionary."""

STANDARD_STORAGE: Final[tuple[str, ...]] = tuple(
    dict.fromkeys(
        [
            *STORAGE,
            *(
                uid
                for uid, (name, sort, *_) in UID_dictionary.items()
                if sort == "SOP Class" and "Storage" in name and uid.startswith("1.2.840.10008.5.1.4.")
            ),
            *_YOUNG,
        ]
    )
)
"""UIDs of all storage classes of the Standard, retired ones too; those of the Statement first."""

GRAYSCALE_PRESENTATION_STATE: Final = "1.2.840.10008.5.1.4.1.1.11.1"


def storage_name(uid: str) -> str:
    """Return the name of a storage SOP class, of any other class of the Standard, or the UID itself."""
    return STORAGE[uid].name if uid in STORAGE else uid_name(uid)
