"""The errors that this package raises, as a tree.

DicomWidgetsError
├── NetworkError            an exchange with a remote AE failed
│   ├── ConnectionFailed    no TCP connection, or no answer in time
│   ├── AssociationRejected the peer rejected the association
│   ├── AssociationAborted  the peer, or the network, ended the association
│   ├── ContextsRefused     the peer accepted the association, but not the service
│   ├── QueryFailed         C-FIND ended with a failure status
│   └── RetrieveFailed      nothing of what was asked for arrived
├── Cancelled               a query was cancelled
├── ListenerFailed          the listener of C-MOVE cannot start
├── SessionBusy             a session does one thing at a time
├── SessionClosed           the session was closed
├── StoreFull               the session's memory limit is reached
├── NotFound                nothing, or more than one thing, matches
├── QueryKeyError           a query key that cannot be sent as it is (also a ValueError)
├── NotDicom                bytes that are not a DICOM object
├── DecodeError             pixel data that cannot be decoded
├── NotAnImage              an array was asked of an object that has no pixels
├── GeometryError           slices that do not form one stack
└── ConfigError             a configuration file that cannot be used

Every message says what was tried, with whom, why it failed and what to do.
"""

from __future__ import annotations


class DicomWidgetsError(Exception):
    """Root of all errors that this package defines."""


class NetworkError(DicomWidgetsError):
    """An exchange with a remote AE failed."""


class ConnectionFailed(NetworkError):
    """There was no TCP connection, or the peer did not answer in time."""


class AssociationRejected(NetworkError):
    """The peer answered the association request with a rejection."""


class AssociationAborted(NetworkError):
    """The peer, or the network, ended the association before its release."""


class ContextsRefused(NetworkError):
    """The peer accepted the association but not the service that was asked for."""


class QueryFailed(NetworkError):
    """C-FIND ended with a failure status."""


class RetrieveFailed(NetworkError):
    """A retrieval ended and nothing of what was asked for arrived."""


class Cancelled(DicomWidgetsError):
    """A query was cancelled before its end."""


class ListenerFailed(DicomWidgetsError):
    """The listener that receives the instances of a C-MOVE cannot be started."""


class SessionBusy(DicomWidgetsError):
    """An activity was started while another one is running: a session does one thing over the network at a time."""


class SessionClosed(DicomWidgetsError):
    """The session was closed; it holds nothing, and nothing can be done with it."""

    def __init__(self, words: str = "This session is closed. Make a new one: dicom_widgets.Session().") -> None:
        super().__init__(words)


class StoreFull(DicomWidgetsError):
    """The memory limit of the session is reached."""


class NotFound(DicomWidgetsError):
    """Nothing matches, or more than one thing where one was asked for."""


class QueryKeyError(DicomWidgetsError, ValueError):
    """A query key is unknown at this level, or has a kind of value that it cannot be matched by."""


class NotDicom(DicomWidgetsError):
    """The bytes are not a DICOM object that can be read."""


class DecodeError(DicomWidgetsError):
    """The pixel data of a frame cannot be decoded."""


class NotAnImage(DicomWidgetsError):
    """An array was asked of an object that has no pixels."""


class GeometryError(DicomWidgetsError):
    """The slices do not form one stack."""


class ConfigError(DicomWidgetsError):
    """A configuration file cannot be read or says something impossible."""
