"""Grayscale Softcopy Presentation States that refer to an image: which apply, and which is the newest.

The newest applies by itself. Patient ID and issuer must match those of the image; a broken state is passed over.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dicom_widgets.dicom.values import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dicom_widgets.dicom.instance import Instance


@dataclass(frozen=True, eq=False)
class State:
    """A presentation state that refers to an image of the session."""

    instance: Instance
    label: str
    description: str
    creator: str = field(repr=False)
    created: str = field(repr=False)
    """YYYYMMDDhhmmss.ffffff in UTC where the object says its time zone; empty if it does not say when."""
    refused: str = ""
    """Why it is not applied although it refers to the image; empty if it can be."""

    @property
    def uid(self) -> str:
        """SOP Instance UID."""
        return self.instance.uid

    @property
    def order(self) -> tuple[str, float, str]:
        """Sorts states from the oldest to the newest (requirement PS2)."""
        return self.created, self.instance.number("InstanceNumber") or 0.0, self.uid

    def summary(self) -> dict[str, str]:
        """Return what a selector of states shows, JSON-able."""
        return {
            "uid": self.uid,
            "label": self.label or "(no label)",
            "description": self.description,
            "creator": self.creator,
            "created": f"{self.created[:4]}-{self.created[4:6]}-{self.created[6:8]}" if self.created else "",
            "refused": self.refused,
        }


def applicable_states(
    states: Iterable[Instance], image: Instance, frame: int, defect: Callable[[Instance], str]
) -> list[State]:
    """Return the states that refer to this frame of the image, the newest first (requirements PS1, PS2, PS20, X8).

    Parameters
    ----------
    states : iterable of Instance
    image, frame : Instance, int
    defect : callable
        Returns why a state is broken, or an empty string (`state_problem`).

    """
    found = [_state(s, image, defect(s)) for s in states if refers_to(s, image.uid, frame)]
    return sorted(found, key=lambda s: s.order, reverse=True)


def refers_to(state: Instance, uid: str, frame: int) -> bool:
    """Whether a state refers to a frame of an image."""
    return any(r.uid == uid and (not r.frames or frame in r.frames) for r in state.references)


def _state(state: Instance, image: Instance, defect: str) -> State:
    same = all(text(state.value(k, "")) == text(image.value(k, "")) for k in ("PatientID", "IssuerOfPatientID"))
    return State(
        state,
        label=text(state.value("ContentLabel", "")),
        description=text(state.value("ContentDescription", "")),
        creator=text(state.value("ContentCreatorName", "")),
        created=_created(state),
        refused=defect if same else "its Patient ID or issuer is not that of the image",
    )


def _created(state: Instance) -> str:
    """Return Presentation Creation Date and Time (0070,0082/0083), in UTC by (0008,0201) where it is there."""
    date = text(state.value("PresentationCreationDate", "")).replace(".", "")
    time = text(state.value("PresentationCreationTime", "")).replace(":", "").ljust(6, "0")
    zone = text(state.value("TimezoneOffsetFromUTC", ""))
    with contextlib.suppress(ValueError, OverflowError):
        moment = datetime.strptime(f"{date}{time[:6]}{zone}", "%Y%m%d%H%M%S%z")
        return f"{moment.astimezone(UTC):%Y%m%d%H%M%S}{time[6:]}"
    return date + time if date else ""
