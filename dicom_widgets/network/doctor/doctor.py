"""The connection doctor: every step from our configuration to one instance that has come, each in a plain sentence.

No step asks who a patient is, and what is retrieved is thrown away at once.
"""

from __future__ import annotations

import re
import ssl
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dicom_widgets.config import AE_TITLE, is_ae_title
from dicom_widgets.dicom.conformance import FIND, GET, MOVE, STORAGE, TRANSFER_SYNTAXES, storage_name, syntax_name
from dicom_widgets.errors import ConnectionFailed, ContextsRefused, DicomWidgetsError, ListenerFailed
from dicom_widgets.network.association.local import is_loopback
from dicom_widgets.network.doctor import checks as probe
from dicom_widgets.network.doctor.checks import Reach
from dicom_widgets.network.doctor.delivery import Delivery
from dicom_widgets.network.doctor.diagnosis import Diagnosis, Finding
from dicom_widgets.network.doctor.sample import SampleInstance, SampleSearch
from dicom_widgets.network.remote import RemoteAE
from dicom_widgets.network.retrieve.ways import WAYS
from dicom_widgets.sources.ledger import Ledger
from dicom_widgets.sources.order import Order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from dicom_widgets.dicom.blob import Blob
    from dicom_widgets.dicom.entities import Entity
    from dicom_widgets.network.association.local import LocalAE
    from dicom_widgets.network.doctor.checks import Offers
    from dicom_widgets.network.retrieve.listener import Listener
    from dicom_widgets.sources.cancellation import Cancellation
    from dicom_widgets.sources.retrieval import Retrieval

Outcome = tuple[bool | None, str, str]
"""Whether a step went well, what was seen, what to do."""
_ROOM: Final = 256 << 20
"""Bytes that the instance which is tried may have."""
_SELF: Final = 3.0
"""Seconds that our own listener has for an answer."""
_NAMES: Final[dict[str, str]] = {FIND: "C-FIND", GET: "C-GET", MOVE: "C-MOVE"}
_USES: Final[dict[str, str]] = {
    "ModalitiesInStudy": "a search by modality has to look into each study",
    "SOPClassesInStudy": "a C-GET has to look into a study first, or to propose all classes",
    "NumberOfStudyRelatedInstances": "it is not known before how much a study holds",
}
"""Useful key -> what follows where a peer does not fill it."""
_NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "TLS": ("Connection",),
    "Association": ("Connection",),
    "C-ECHO": ("Connection", "Association"),
    "Services": ("Connection", "Association"),
    "C-FIND": ("Connection", "Association"),
    "C-GET": ("Connection", "Association"),
    "C-MOVE": ("Connection", "Association"),
}
"""Step -> those without which it cannot be tried."""
_WITHOUT: Final[dict[str, str]] = {
    "Connection": "there is no connection",
    "TLS": "the connection is not secure",
    "Association": "there is no association",
}


def diagnose(
    remote: RemoteAE,
    ours: LocalAE,
    listen: Callable[[], Listener],
    cancellation: Cancellation,
    progress: Callable[[Finding], None] | None = None,
) -> Diagnosis:
    """Examine a connection to its end; `progress` gets each finding as it is made."""
    findings = []
    for finding in examine(remote, ours, listen, cancellation):
        findings.append(finding)
        if progress is not None:
            progress(finding)
    return Diagnosis(str(remote), tuple(findings), cancellation.wished)


def examine(
    remote: RemoteAE, ours: LocalAE, listen: Callable[[], Listener], cancellation: Cancellation
) -> Iterator[Finding]:
    """Yield the findings about a connection, step after step.

    Parameters
    ----------
    remote, ours : RemoteAE, LocalAE
    listen : callable
        Returns our listener, started when it is first asked for.
    cancellation : Cancellation
        What is left when the wish comes is not tried.

    """
    patient = _Examination(remote, ours, listen, cancellation)
    for step in patient.steps:
        yield patient.take(step)


class _NotTried(Exception):
    """A step cannot be tried, or does not apply, because of this."""


class _Discard:
    """A sink that keeps nothing."""

    def __init__(self) -> None:
        self.syntax = ""

    def add(self, blob: Blob, uid: str = "") -> int:  # noqa: ARG002  one is as good as another
        """Take an instance and forget it."""
        self.syntax = syntax_name(blob.transfer_syntax)
        return 0

    def room(self) -> int:
        """Return the bytes that an instance may have."""
        return _ROOM


@dataclass
class _Examination:
    """The steps, in order, and what they found out for those that follow."""

    remote: RemoteAE
    ours: LocalAE
    listen: Callable[[], Listener]
    cancellation: Cancellation
    done: dict[str, Finding] = field(default_factory=dict)
    knock: Reach = field(default_factory=Reach)
    offers: Offers | None = None
    sample: SampleInstance | None = None

    @property
    def steps(self) -> dict[str, Callable[[], Outcome]]:
        """Name -> what does it."""
        return {
            "Configuration": self._configuration,
            "Connection": self._connection,
            "TLS": self._tls,
            "Association": self._association,
            "C-ECHO": self._echo,
            "Services": self._services,
            "C-FIND": self._find,
            "C-GET": self._get,
            "C-MOVE": self._move,
            "Listener": self._listener,
            "WADO-URI": self._wado,
        }

    def take(self, step: str) -> Finding:
        """Do one step; whatever happens is a finding."""
        start = time.perf_counter()
        if self.cancellation.wished:
            self.done[step] = Finding(step, None, "Not tried, because it was cancelled.")
            return self.done[step]
        try:
            self._check(step)
            ok, words, fix = self.steps[step]()
        except _NotTried as reason:
            ok, words, fix = None, f"Not tried, because {reason}.", ""
        except DicomWidgetsError as error:
            ok, (words, fix) = False, _parted(str(error))
        except Exception as error:  # noqa: BLE001  a peer may answer anything, and the other steps still say something
            ok, words, fix = False, f"It ended with an error of this program: {type(error).__name__}.", "Report it."
        if self.cancellation.wished and not ok:
            ok, words, fix = None, "Not tried to its end, because it was cancelled.", ""
        self.done[step] = finding = Finding(step, ok, words, fix, time.perf_counter() - start)
        return finding

    def _check(self, step: str) -> None:
        """Refuse a step that cannot be tried after those before it."""
        needs = _NEEDS.get(step, ())
        if step == "Association" and self.remote.tls:
            needs = (*needs, "TLS")
        for need in needs:
            if self.done[need].ok is not True:
                raise _NotTried(_WITHOUT[need])

    # --- us

    def _configuration(self) -> Outcome:
        """Look at what can be wrong at our side before anything is sent."""
        ours, remote = self.ours, self.remote
        words = f"We are {ours.ae_title!r}; instances of a C-MOVE are received at {ours.host}:{ours.port}."
        if not is_ae_title(ours.ae_title):
            return False, words, f"{ours.ae_title!r} is no AE title: {AE_TITLE}."
        here = probe.is_here(remote.host)
        if here and remote.port == ours.port:
            return False, f"{words} {remote} has the same port.", "Give us another one: Session(listen_port=...)."
        if here or not is_loopback(ours.host):
            return True, words, ""
        words += (
            f" Only this machine reaches that address, and {remote.host} is another one, so no C-MOVE would arrive."
        )
        fix = "For C-MOVE open the listener to the network: Session(listen_host='0.0.0.0'). C-GET needs no listener."
        return (False if remote.way == "C-MOVE" else None), words, fix

    def _listener(self) -> Outcome:
        """Let our listener answer to ourselves."""
        listener, ours = self.listen(), self.ours
        host = ("::1" if ":" in ours.host else "127.0.0.1") if probe.is_wildcard(ours.host) else ours.host
        if ours.tls is not None and ours.tls.verify_mode != ssl.CERT_NONE:
            raise _NotTried("our listener wants certificates of its callers, and this examination has none")
        own = RemoteAE(
            ours.ae_title,
            host,
            listener.port,
            tls=_unverified() if ours.tls else None,
            connect_timeout=_SELF,
            acse_timeout=_SELF,
            dimse_timeout=_SELF,
        )
        seconds = own.echo(ours, self.cancellation)
        words = f"Our listener {ours.ae_title!r} at {ours.host}:{listener.port} answers a C-ECHO of this machine"
        return True, f"{words} in {seconds:.2f} s.", ""

    # --- the way to the peer

    def _connection(self) -> Outcome:
        """Request an association, and look closer where there was not even a connection."""
        remote = self.remote
        self.knock = seen = probe.knock(remote, self.ours, self.cancellation)
        if not seen.peer:
            seen.peer, seen.ours = probe.reach(remote)
        name = "" if seen.peer == remote.host else f" ({seen.peer})"
        return True, f"{remote.host}{name} takes connections at port {remote.port}.", ""

    def _tls(self) -> Outcome:
        """See whether the connection is secure; where that is not wanted, whether the peer wants it."""
        remote, silent = self.remote, isinstance(self.knock.error, ConnectionFailed)
        if remote.tls is not None:  # without an answer the peer may not like our certificate
            seen = self.knock.tls if self.knock.tls and not silent else probe.secure(remote, remote.tls)
            return True, f"The connection is secure: {seen}.", ""
        if silent and probe.speaks_tls(remote):
            words = f"The peer did not answer without TLS, and speaks TLS at port {remote.port}."
            return False, words, "Give RemoteAE(..., tls=ssl.create_default_context()), or the peer's port without TLS."
        raise _NotTried("TLS is not configured for this remote AE")

    def _association(self) -> Outcome:
        error = self.knock.error
        if error is not None and not isinstance(error, ContextsRefused):  # what it is good for is another step's
            raise error
        return True, f"{self.remote} accepts associations of {self.ours.ae_title!r}.", ""

    def _echo(self) -> Outcome:
        seconds = self.remote.echo(self.ours, self.cancellation)
        return True, f"{self.remote} answers in {seconds:.2f} s.", ""

    # --- services

    def _services(self) -> Outcome:
        """Say what the peer accepts of all that we know."""
        try:
            self.offers = offers = probe.offers(self.remote, self.ours, self.cancellation)
        except ContextsRefused:
            words = f"{self.remote} accepts neither C-FIND nor C-GET nor C-MOVE (study root)."
            return False, words, f"Ask its administrator to allow queries and retrievals to {self.ours.ae_title!r}."
        taken = [n for uid, n in _NAMES.items() if uid in offers.services]
        refused = [n for uid, n in _NAMES.items() if uid not in offers.services]
        words = (
            f"{self.remote} ({offers.version or 'of unknown make'}) accepts {', '.join(taken) or 'no service of ours'}"
        )
        words += f", not {', '.join(refused)}." if refused else "."
        if GET in offers.services:
            words += f" {_storage(offers)}"
        fix = self._lack(offers)
        return not fix, words, fix

    def _lack(self, offers: Offers) -> str:
        """Return what to do where the peer lacks what this remote AE is configured for."""
        way, move = self.remote.way, MOVE in offers.services
        if FIND not in offers.services:
            return f"Ask its administrator to allow queries (C-FIND, study root) to {self.ours.ae_title!r}."
        if way == "C-GET" and not (GET in offers.services and offers.sends):
            instead = "Retrieve by C-MOVE: RemoteAE(..., way='C-MOVE')." if move else "Ask its administrator for C-GET."
            return f"{instead} Or by WADO-URI, if it has that: RemoteAE(..., wado_uri='https://...', way='WADO-URI')."
        if way == "C-MOVE" and not move:
            return (
                "Retrieve by C-GET: RemoteAE(..., way='C-GET')."
                if offers.sends
                else "Ask its administrator for C-MOVE."
            )
        return ""

    def _need(self, sop_class: str) -> Offers:
        """Return what the peer offers, where the service is among it."""
        if self.offers is None:
            raise _NotTried("it is not known what the peer offers")
        if sop_class not in self.offers.services:
            raise _NotTried(f"{self.remote} does not offer {_NAMES[sop_class]} to {self.ours.ae_title!r}")
        return self.offers

    def _find(self) -> Outcome:
        """Ask for nothing, then for a few studies."""
        offers, remote = self._need(FIND), self.remote
        look = SampleSearch(remote, self.ours, self.cancellation)
        start = time.perf_counter()
        wrong = look.nothing()
        words = f"{remote} answers a query in {time.perf_counter() - start:.2f} s."
        words += " It takes other studies for one that does not exist: it ignores StudyInstanceUID." if wrong else ""
        self.sample = sample = look.sample(offers.sends)
        if not sample.seen:
            return True, f"{words} It shows no study to {self.ours.ae_title!r}.", ""
        words += f" It fills {', '.join(sample.filled) or 'none of the keys that make things quick'}."
        words += "".join(f" It leaves {k} out: {w}." for k, w in _USES.items() if k not in sample.filled)
        if sample.instance is None:
            words += f" The first {sample.seen} studies show no instances."
        return True, words, ""

    def _instance(self) -> Entity:
        """Return the instance to try with."""
        if self.done["C-FIND"].ok is not True or self.sample is None or self.sample.instance is None:
            raise _NotTried("no query has shown an instance to try it with")
        return self.sample.instance

    # --- retrieval

    def _get(self) -> Outcome:
        self._need(GET)
        return self._brought("C-GET")

    def _wado(self) -> Outcome:
        if self.remote.wado_uri is None:
            raise _NotTried("this remote AE has no wado_uri")
        if "WADO-URI" not in WAYS:
            raise _NotTried("this version cannot retrieve by WADO-URI")
        return self._brought("WADO-URI")

    def _brought(self, way: str) -> Outcome:
        """Retrieve one instance as a user would, and throw it away."""
        order, sink = self._order(way)
        for _ in WAYS[way](order):
            pass
        came: Retrieval = order.book.close(cancelled=self.cancellation.wished)
        kind = next(iter(order.entities)).attributes.get("SOPClassUID")
        name = storage_name(str(kind)) if kind else "a class that the query did not name"
        size = f"{came.nbytes / 1e6:.2f} MB, {name}, {sink.syntax}"
        return True, f"One instance ({size}) came by {way} in {came.seconds:.2f} s.", ""

    def _order(self, way: str) -> tuple[Order, _Discard]:
        entity, sink = self._instance(), _Discard()
        book = Ledger.of(way, self.remote, [entity], sink)
        return Order(self.remote, self.ours, [entity], book, self.cancellation, self.listen), sink

    def _move(self) -> Outcome:
        """Let the peer send one instance to our listener, and say at which point that went wrong."""
        offers = self._need(MOVE)
        order, _ = self._order("C-MOVE")
        try:
            listener = self.listen()
        except ListenerFailed as error:
            raise _NotTried("our listener does not start") from error
        return Delivery(order, listener, self.knock.ours, offers.version).outcome()


def _storage(offers: Offers) -> str:
    """Say what a C-GET would bring."""
    words = f"By C-GET it would send {len(offers.sends)} of {len(STORAGE)} storage classes"
    words += f"{_named(offers.sends, offers.refused, storage_name)}."
    if offers.keeps:
        words += f" It accepts {_listed(map(storage_name, offers.keeps))}, but not the role to send (role selection)."
    if offers.syntaxes:
        refused = [s for s in TRANSFER_SYNTAXES if s not in offers.syntaxes]
        words += f" Of {len(TRANSFER_SYNTAXES)} transfer syntaxes it accepts {len(offers.syntaxes)}"
        words += f"{_named(offers.syntaxes, refused, syntax_name)} (tried with {storage_name(probe.SAMPLE_CLASS)})."
    return words


def _named(taken: Sequence[str], refused: Sequence[str], name: Callable[[str], str]) -> str:
    """Name those that were refused, or the others where these are fewer."""
    if not refused:
        return ""
    if 0 < len(taken) < len(refused):
        return f", only {_listed(map(name, taken))}"
    return f", not {_listed(map(name, refused))}"


def _listed(names: Iterable[str]) -> str:
    return "; ".join(names)


def _parted(sentence: str) -> tuple[str, str]:
    """Return what happened and what to do: our errors say them in this order.

    What a peer comments on a status is left out; it may name a patient.
    """
    kept, _, rest = sentence.partition(". ")
    status = re.search(r" \(status 0x[0-9A-F]{4}", sentence)
    cut = re.compile(r" \(status 0x[0-9A-F]{4}.*?\)(?=\.|$)")
    words, fix = cut.sub("", kept).rstrip("."), cut.sub("", rest)
    return f"{words}{f'{status[0]})' if status else ''}.", fix


def _unverified() -> ssl.SSLContext:
    """Return a context that takes any certificate: it is our own listener's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
