"""The base of the visible widgets: a stub in the page that the session's runtime fills."""

from __future__ import annotations

import contextlib
import secrets
from typing import TYPE_CHECKING, Any, ClassVar

import anywidget
import traitlets

from dicom_widgets.config import options
from dicom_widgets.dicom.privacy import MASK, PATIENT, redact
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import DicomWidgetsError
from dicom_widgets.session.session import Session
from dicom_widgets.widgets.runtime.handlers import handlers_of
from dicom_widgets.widgets.runtime.runtime import runtime_of
from dicom_widgets.widgets.runtime.script import script

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dicom_widgets.dicom.entities import Entity


def reference(widget: anywidget.AnyWidget | None) -> str | None:
    """Return how a page names a widget; nothing where it is closed."""
    return f"IPY_MODEL_{widget.model_id}" if widget is not None and widget.comm is not None else None


class SessionWidget(anywidget.AnyWidget):
    """A visible widget: a stub in the page that the session's runtime fills.

    A class derived from it marks its methods for messages from the page with `handles`. What it sends that says who a
    patient is goes through `mask_text` or `redact`.

    Its `repr` and its static output say nothing about a patient. In the page it says who the patient is, unless `mask`
    is set, or `options.phi` is "mask" when something is sent.

    When its session is closed, a widget lets go of all objects and stays as a stub that says so: a page takes away what
    is closed, and would show nothing.
    """

    _esm = script("stub.js")
    part = traitlets.Unicode().tag(sync=True)
    uid = traitlets.Unicode().tag(sync=True)
    mask = traitlets.Bool(False)
    """Whether names, IDs and dates are hidden in the page too."""
    ended = traitlets.Bool(False).tag(sync=True)
    """Whether its session is closed; then that is all that the page shows."""
    runtime = traitlets.Any().tag(
        sync=True,
        to_json=lambda widget, _: reference(widget),
        from_json=lambda v, _: v,
    )
    _handlers: ClassVar[dict[str, str]] = {}
    """Kind of a message from the page -> name of the method that it is for."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._handlers = handlers_of(cls)

    def __init__(self, session: Session, **kwargs: Any) -> None:
        self._endings: list[Callable[[], None]] = []
        """What is called when the widget or its session is closed."""
        name = type(self).__name__
        if not isinstance(session, Session):
            raise TypeError(
                "A widget takes the session first, as in dw.Viewport(session, series), not this"
                f" {type(session).__name__}; dw.view(...) shows something without one."
            )
        unknown = [k for k in kwargs if not self.has_trait(k)]
        if unknown:  # ipywidgets would only warn
            own = {"part", "uid", "runtime", "ended"}
            known = {*self.trait_names()} - {*anywidget.AnyWidget.class_trait_names(), *own}
            raise TypeError(f"{name} has no {unknown[0]!r}; it has {', '.join(sorted(known))}.")
        super().__init__(runtime=runtime_of(session), uid=secrets.token_hex(4), **kwargs)
        self.session = session
        self._endings.append(session.on_close(self._leave_session))
        self.on_msg(self._receive)
        self.observe(self._follow_mask, names="mask")

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    # --- messages from the page

    def _receive(self, _widget: object, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Do what the page asks; on the main thread or on a subshell's. What nobody handles is ignored."""
        if self.ended:
            return
        try:
            method = self._handlers.get(content["type"])
            if method is not None:
                data = {"data": bytes(buffers[0])} if buffers else {}
                getattr(self, method)({**content, **data})
        except DicomWidgetsError as error:
            self.show_error(str(error))
        except Exception as error:  # noqa: BLE001  JupyterLab hides errors of callbacks
            self.show_error(f"{type(error).__name__}: {error}")

    def show_error(self, words: str) -> None:
        """Show an error in the widget, in all of its views."""
        self.send({"type": "error", "to": "", "words": text(self.redact(words), 400)})

    # --- who the patient is

    @property
    def masks(self) -> bool:
        """Whether names, IDs and dates are hidden."""
        return self.mask or options.phi == "mask"

    def mask_text(self, words: str) -> str:
        """Return a text that says who the patient is, or the mask in its place."""
        return MASK if words and self.masks else words

    def redact(self, sentence: str) -> str:
        """Return a sentence that was made elsewhere; where names are hidden, without them and without paths."""
        return redact(sentence, self._secrets()) if self.masks else sentence

    def _secrets(self) -> Iterator[str]:
        """Yield what a sentence must not say: names and IDs that the session knows."""
        for study in self._known_studies():
            yield from (text(study.attributes.get(keyword)) for keyword in PATIENT)

    def _known_studies(self) -> Iterable[Entity]:
        return self.session.studies

    def _follow_mask(self, _change: object) -> None:
        if not self.ended:
            self._renew()

    def _renew(self) -> None:
        """Send again what the page shows, as the mask was put on or taken off."""
        self._receive(self, {"type": "ready"}, [])

    # --- the end

    def close(self) -> None:
        """Take the widget off the page, and stop following the session."""
        self._end()
        super().close()

    def _end(self) -> None:
        endings, self._endings = self._endings, []
        for end in endings:
            end()

    def _leave_session(self) -> None:
        """Stay on the page, and say there that the session is closed."""
        self._end()
        self._let_go()
        with contextlib.suppress(Exception):  # the kernel may be on its way out
            self.ended = True

    def _let_go(self) -> None:
        """Forget what would keep objects of a closed session in memory."""
