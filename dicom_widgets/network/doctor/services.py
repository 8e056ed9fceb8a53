"""The doctor's steps on what a peer offers: its services, and what a query shows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.conformance import FIND, GET, MOVE
from dicom_widgets.errors import ContextsRefused
from dicom_widgets.network.doctor.offers import offers_of, storage_words
from dicom_widgets.network.doctor.sample import SampleSearch

if TYPE_CHECKING:
    from dicom_widgets.network.doctor.examination import Examination
    from dicom_widgets.network.doctor.offers import Offers
    from dicom_widgets.sources.way import Outcome

_USES: Final[dict[str, str]] = {
    "ModalitiesInStudy": "a search by modality has to look into each study",
    "SOPClassesInStudy": "a C-GET has to look into a study first, or to propose all classes",
    "NumberOfStudyRelatedInstances": "it is not known before how much a study holds",
}
"""Useful key -> what follows where a peer does not fill it."""


def services(examination: Examination) -> Outcome:
    """Say what the peer accepts of everything that we can propose."""
    remote, names = examination.remote, examination.names
    try:
        examination.offers = offers = offers_of(remote, examination.ours, examination.cancellation)
    except ContextsRefused:
        words = f"{remote} accepts neither C-FIND nor C-GET nor C-MOVE (study root)."
        return False, words, f"Ask its administrator to allow queries and retrievals to {examination.ours.ae_title!r}."
    taken = [n for uid, n in names.items() if uid in offers.services]
    refused = [n for uid, n in names.items() if uid not in offers.services]
    words = f"{remote} ({offers.version or 'of unknown make'}) accepts {', '.join(taken) or 'no service of ours'}"
    words += f", not {', '.join(refused)}." if refused else "."
    if GET in offers.services:
        words += f" {storage_words(offers)}"
    fix = _lack(examination, offers)
    return not fix, words, fix


def _lack(examination: Examination, offers: Offers) -> str:
    """Return what to do where the peer lacks what this remote AE is configured for."""
    way, move = examination.remote.way, MOVE in offers.services
    if FIND not in offers.services:
        return f"Ask its administrator to allow queries (C-FIND, study root) to {examination.ours.ae_title!r}."
    if way == "C-GET" and not (GET in offers.services and offers.sends):
        instead = "Retrieve by C-MOVE: RemoteAE(..., way='C-MOVE')." if move else "Ask its administrator for C-GET."
        return f"{instead} Or by WADO-URI, if it has that: RemoteAE(..., wado_uri='https://...', way='WADO-URI')."
    if way == "C-MOVE" and not move:
        return "Retrieve by C-GET: RemoteAE(..., way='C-GET')." if offers.sends else "Ask its administrator for C-MOVE."
    return ""


def find(examination: Examination) -> Outcome:
    """Query a study that does not exist, then a few studies."""
    offers, remote = examination.need(FIND), examination.remote
    search = SampleSearch(remote, examination.ours, examination.cancellation)
    start = time.perf_counter()
    wrong = search.nothing()
    words = f"{remote} answers a query in {time.perf_counter() - start:.2f} s."
    words += " It takes other studies for one that does not exist: it ignores StudyInstanceUID." if wrong else ""
    examination.sample = sample = search.sample(offers.sends)
    if not sample.seen:
        return True, f"{words} It shows no study to {examination.ours.ae_title!r}.", ""
    words += f" It fills {', '.join(sample.filled) or 'none of the keys that make things quick'}."
    words += "".join(f" It leaves {k} out: {w}." for k, w in _USES.items() if k not in sample.filled)
    if sample.instance is None:
        words += f" The first {sample.seen} studies show no instances."
    return True, words, ""
