"""Objects of CT that peers send in tests, and the request for them by C-MOVE."""

from __future__ import annotations

import dicom_widgets as dw
from tests import samples

CT = samples.CT
STUDY, SERIES = "1.2.826.0.1.7", "1.2.826.0.1.7.1"


def ct(study=STUDY, **attributes):
    """Return a CT object of a study, in its first series."""
    return samples.plain(CT, **{"StudyInstanceUID": study, "SeriesInstanceUID": f"{study}.1", **attributes})


def move(session, remote, entities=None, **options):
    """Retrieve by C-MOVE, the whole study where nothing is named."""
    entities = dw.Entity.of(STUDY) if entities is None else entities
    return session.retrieve(remote, entities, way="C-MOVE", progress=False, **options)


def of(uids, *, study=STUDY):
    """Return named instances of the one series."""
    return [dw.Entity.of(study, f"{study}.1", u) for u in uids]
