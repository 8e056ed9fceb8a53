"""The Conformance Statement as tables: what is stored, in which syntaxes, what can be asked for, and by which services.

What depends on a SOP class (presentation contexts, presenters, the tables of the documentation, tests) is made from
`STORAGE`; what depends on a query key is made from `KEYS`. Where these tables differ from those of the Statement,
`DEVIATIONS` says so and why. `docs/CONFORMANCE.md` is made from all of them.
"""

from dicom_widgets.dicom.conformance.character_sets import CHARACTER_SETS, FURTHER_CHARACTER_SETS
from dicom_widgets.dicom.conformance.deviations import DEVIATIONS, Deviation
from dicom_widgets.dicom.conformance.query_keys import KEYS, LEVELS, UNIQUE_KEYS, Level, Matching, request_keys
from dicom_widgets.dicom.conformance.services import (
    FIND,
    GET,
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    MAXIMUM_PDU,
    MEDIA_PROFILES,
    MEDIA_SYNTAXES,
    MOVE,
    REFUSALS,
    SECURITY,
    SERVICES,
    STORE_STATUSES,
    VERIFICATION,
    WADO_URI,
    Contexts,
    Role,
    Service,
)
from dicom_widgets.dicom.conformance.storage_classes import (
    GRAYSCALE_PRESENTATION_STATE,
    RETIRED,
    STANDARD_STORAGE,
    STORAGE,
    StorageClass,
    storage_name,
)
from dicom_widgets.dicom.conformance.transfer_syntaxes import (
    BIG_ENDIAN,
    DEFLATED,
    EXPLICIT,
    FURTHER_SYNTAXES,
    IMPLICIT,
    RECEIVED_SYNTAXES,
    TRANSFER_SYNTAXES,
    syntax_name,
)

__all__ = [
    "BIG_ENDIAN",
    "CHARACTER_SETS",
    "DEFLATED",
    "DEVIATIONS",
    "EXPLICIT",
    "FIND",
    "FURTHER_CHARACTER_SETS",
    "FURTHER_SYNTAXES",
    "GET",
    "GRAYSCALE_PRESENTATION_STATE",
    "IMPLEMENTATION_CLASS_UID",
    "IMPLEMENTATION_VERSION_NAME",
    "IMPLICIT",
    "KEYS",
    "LEVELS",
    "MAXIMUM_PDU",
    "MEDIA_PROFILES",
    "MEDIA_SYNTAXES",
    "MOVE",
    "RECEIVED_SYNTAXES",
    "REFUSALS",
    "RETIRED",
    "SECURITY",
    "SERVICES",
    "STANDARD_STORAGE",
    "STORAGE",
    "STORE_STATUSES",
    "TRANSFER_SYNTAXES",
    "UNIQUE_KEYS",
    "VERIFICATION",
    "WADO_URI",
    "Contexts",
    "Deviation",
    "Level",
    "Matching",
    "Role",
    "Service",
    "StorageClass",
    "request_keys",
    "storage_name",
    "syntax_name",
]
