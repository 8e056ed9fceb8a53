"""An examination: who is examined, and what the steps so far found out for those that follow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dicom_widgets.dicom.conformance import FIND
from dicom_widgets.network.doctor.contact import Contact

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicom_widgets.dicom.entities import Entity
    from dicom_widgets.network.doctor.diagnosis import Finding
    from dicom_widgets.network.doctor.offers import Offers
    from dicom_widgets.network.doctor.sample import SampleInstance
    from dicom_widgets.network.remote import RemoteAE
    from dicom_widgets.network.retrieve.listener import Listener
    from dicom_widgets.sources.cancellation import Cancellation
    from dicom_widgets.sources.local import LocalAE


class NotTried(Exception):
    """A step cannot be tried, or does not apply, because of this."""


@dataclass
class Examination:
    """What every step of the connection doctor is given, and writes down for those that follow."""

    remote: RemoteAE
    ours: LocalAE
    listen: Callable[[], Listener]
    """Returns our listener, started when it is first asked for."""
    cancellation: Cancellation
    findings: dict[str, Finding] = field(default_factory=dict)
    """Step -> what it showed."""
    contact: Contact = field(default_factory=Contact)
    offers: Offers | None = None
    """What the peer accepts; None as long as that is not known."""
    sample: SampleInstance | None = None
    """What a query showed; None as long as there was none."""

    @property
    def names(self) -> dict[str, str]:
        """SOP class -> what the service is called."""
        return {FIND: "C-FIND", **{way.service: way.name for way in self.remote.ways.values() if way.service}}

    def need(self, sop_class: str) -> Offers:
        """Return what the peer offers, if a service is among it; else raise NotTried."""
        if self.offers is None:
            raise NotTried("it is not known what the peer offers")
        if sop_class not in self.offers.services:
            raise NotTried(f"{self.remote} does not offer {self.names[sop_class]} to {self.ours.ae_title!r}")
        return self.offers

    def instance(self) -> Entity:
        """Return the instance to retrieve; raise NotTried where no query has shown one."""
        if self.findings["C-FIND"].ok is not True or self.sample is None or self.sample.instance is None:
            raise NotTried("no query has shown an instance to try it with")
        return self.sample.instance
