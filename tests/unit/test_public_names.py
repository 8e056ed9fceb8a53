"""The names and signatures that notebooks and acceptance checks rely on (design, section 4)."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

import dicom_widgets as dw
from dicom_widgets import errors

ALL = """
MPR Browser Doctor Entities Entity FilePicker Measurement Media Page Picture PracticePacs Progress RemoteAE Retrieval
Session Subtraction Tags Viewer Viewport Window default_session errors extensions link options remotes sheet view
""".split()

TREE = {
    "NetworkError": "DicomWidgetsError",
    "ConnectionFailed": "NetworkError",
    "AssociationRejected": "NetworkError",
    "AssociationAborted": "NetworkError",
    "ContextsRefused": "NetworkError",
    "QueryFailed": "NetworkError",
    "RetrieveFailed": "NetworkError",
    "SessionBusy": "DicomWidgetsError",
    "SessionClosed": "DicomWidgetsError",
    "StoreFull": "DicomWidgetsError",
    "NotFound": "DicomWidgetsError",
    "QueryKeyError": "DicomWidgetsError",
    "NotDicom": "DicomWidgetsError",
    "DecodeError": "DicomWidgetsError",
    "NotAnImage": "DicomWidgetsError",
    "GeometryError": "DicomWidgetsError",
    "ConfigError": "DicomWidgetsError",
    "Cancelled": "DicomWidgetsError",
    "ListenerFailed": "DicomWidgetsError",
}


def parameters(function) -> dict[str, inspect.Parameter]:
    return {k: p for k, p in inspect.signature(function).parameters.items() if k != "self"}


def test_all_is_exactly_this():
    assert dw.__all__ == ALL
    assert all(getattr(dw, name) is not None for name in ALL)


def test_the_version_is_that_of_the_distribution():
    assert re.fullmatch(r"\d+\.\d+\.\d+", dw.__version__)


def test_importing_shows_no_warning_and_starts_nothing():
    code = "import threading, dicom_widgets; print(threading.active_count())"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("1", "")


def test_what_is_slow_or_optional_is_not_imported_with_the_package():
    optional = {"pandas", "xarray", "dask", "nibabel", "matplotlib"}
    code = f"import sys, dicom_widgets; print(sorted({optional} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def imported(code: str) -> set[str]:
    """Return the modules that are there after a statement in a fresh process."""
    command = [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"]
    return set(subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.split())


def test_the_package_imports_nothing_before_it_is_used():
    names = "pydicom pynetdicom requests numpy PIL IPython ipywidgets anywidget ipycanvas traitlets".split()
    found = imported("import dicom_widgets")
    assert {m for m in found if m.startswith("dicom_widgets")} == {"dicom_widgets"}
    assert found.isdisjoint(names)


def test_each_part_imports_only_what_it_stands_on():
    widgets = {"ipywidgets", "anywidget", "traitlets", "dicom_widgets.widgets", "dicom_widgets.practice"}
    network = {"pynetdicom", "dicom_widgets.network"}  # pydicom imports requests
    assert imported("from dicom_widgets import Session").isdisjoint(widgets)
    assert imported("from dicom_widgets import remotes").isdisjoint(widgets)
    assert imported("import dicom_widgets as dw; dw.Picture, dw.Window, dw.errors").isdisjoint(widgets | network)


def test_dir_is_the_public_names_whether_or_not_they_were_used():
    code = "import dicom_widgets as dw; before = dir(dw); dw.Entity; print(*before, '|', *dir(dw), '|', *dw.__all__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    before, after, names = (part.split() for part in done.stdout.split("|"))
    assert before == after == sorted(names)


def test_what_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Viewprot'"):
        _ = dw.Viewprot


def test_type_checkers_see_the_names_where_they_are_at_run_time():
    tree = ast.parse(Path(dw.__file__).read_text(encoding="utf-8"))
    typed = next(n for n in tree.body if isinstance(n, ast.If))
    seen = {a.name: n.module for n in typed.body for a in n.names if n.module != "dicom_widgets"}
    assert seen == {name: f"dicom_widgets.{home}" for name, home in dw._HOMES.items()}
    assert {*seen, "errors", "extensions"} == set(dw.__all__)
    for name, home in seen.items():
        assert getattr(dw, name) is getattr(importlib.import_module(home), name)


def test_the_error_tree():
    found = {
        name: cls.__bases__[0].__name__
        for name, cls in vars(errors).items()
        if isinstance(cls, type) and cls.__module__ == errors.__name__
    }
    assert found == {"DicomWidgetsError": "Exception", **TREE}
    assert issubclass(errors.QueryKeyError, ValueError)


@pytest.mark.parametrize("name", ["DicomWidgetsError", *TREE])
def test_every_error_is_drawn_and_said_in_a_sentence(name):
    assert re.search(rf"\b{name}\b", errors.__doc__ or "")
    assert (getattr(errors, name).__doc__ or "").endswith(".")


def test_session_arguments():
    known = parameters(dw.Session)
    defaults = {
        "listen_host": "127.0.0.1",
        "listen_port": None,
        "max_associations": 10,
        "max_pdu": 16384,
        "memory_limit": "half",
    }
    assert next(iter(known)) == "ae_title"
    assert {k: known[k].default for k in defaults} == defaults
    assert all(known[k].kind is inspect.Parameter.KEYWORD_ONLY for k in defaults)
    with dw.Session() as session:
        assert session.address == ("DICOM_WIDGETS", "127.0.0.1", 11112)


def test_remote_ae_arguments():
    known = parameters(dw.RemoteAE)
    assert list(known)[:3] == ["ae_title", "host", "port"]
    defaults = {
        "way": "C-GET",
        "wado_uri": None,
        "store_from": (),
        "tls": None,
        "auth": None,
        "connect_timeout": 5,
        "acse_timeout": 10,
        "dimse_timeout": 30,
        "http_timeout": 30,
    }
    assert {k: known[k].default for k in defaults} == defaults


@pytest.mark.parametrize(
    ("method", "names"),
    [
        ("echo", "remote wait"),
        ("doctor", "remote progress wait"),
        ("find", "remote level under wait keys"),
        ("tree", "remote wait keys"),
        ("search", "remote wait keys"),
        ("fetch", "entities way wait"),
        ("retrieve", "entities way progress wait"),
        ("cancel", ""),
        ("load", "source"),
        ("save", "entity folder"),
        ("drop", "entity"),
        ("dataset", "which"),
        ("array", "which frame values dtype"),
        ("volume", "which at"),
        ("planes", "which at"),
        ("present", "which frame presentation window subtraction look"),
        ("subtraction", "which frame presentation subtraction"),
        ("probe", "which column row frame subtraction"),
        ("presentation_states", "which frame refused"),
        ("close", ""),
    ],
)
def test_session_methods(method, names):
    assert list(parameters(getattr(dw.Session, method))) == names.split()


@pytest.mark.parametrize(
    ("method", "defaults"),
    [
        ("find", {"level": "STUDY", "under": None}),
        ("array", {"frame": None, "values": "modality", "dtype": None}),
        ("present", {"frame": 1, "presentation": "newest", "window": None, "subtraction": "recommended"}),
        ("probe", {"frame": 1, "subtraction": False}),
        ("presentation_states", {"frame": 1, "refused": False}),
        ("retrieve", {"way": None, "progress": True}),
    ],
)
def test_their_defaults(method, defaults):
    known = parameters(getattr(dw.Session, method))
    assert {k: known[k].default for k in defaults} == defaults


def test_rgba_arguments():
    known = parameters(dw.Picture.rgba)
    assert list(known) == ["size", "zoom", "pan", "interpolation"]
    assert (known["size"].default, known["zoom"].default, known["pan"].default) == (None, "fit", (0, 0))


def test_pictures_and_pages_have_a_common_base():
    base = set(dw.Picture.__mro__) & set(dw.Page.__mro__) - {object}
    assert {"kind", "record"} <= {f.name for b in base for f in fields(b)}
    assert any("_repr_mimebundle_" in vars(b) for b in base)


def test_a_retrieval_says_what_came_and_what_did_not():
    assert {"expected", "received", "failed", "warnings", "missing", "seconds"} <= {
        f.name for f in fields(dw.Retrieval)
    }


def test_entity_names():
    assert list(parameters(dw.Entity.of)) == ["study", "series", "instance", "sop_classes"]
    made = dw.Entity.of("1.2", "1.2.3")
    for name in ("level", "uid", "path", "source", "attributes", "children", "complete"):
        assert hasattr(made, name)
    assert (made.level, made.uid, made.path, made.complete) == ("SERIES", "1.2.3", ("1.2", "1.2.3"), False)
    assert not made.children


def test_an_entity_of_an_instance_needs_its_series():
    with pytest.raises(ValueError, match="series"):
        dw.Entity.of("1.2", None, "1.2.3.4")


def test_entities_are_a_list_with_one():
    entity = dw.Entity.of("1.2")
    assert dw.Entities([entity]).one() is entity
    for wrong in ([], [entity, entity]):
        with pytest.raises(errors.NotFound):
            dw.Entities(wrong).one()


def test_an_attribute_that_was_not_asked_for_is_an_attribute_error():
    entity = dw.Entity("STUDY", ("1.2",), {"PatientName": None})
    assert entity.PatientName is None
    with pytest.raises(AttributeError, match="PatientID"):
        _ = entity.PatientID


def test_the_default_session_is_one_until_it_is_closed():
    first = dw.default_session()
    try:
        assert dw.default_session() is first
        first.close()
        assert dw.default_session() is not first
    finally:
        dw.default_session().close()


def test_phi_is_masked_unless_asked_otherwise():
    """Design decision 11."""
    assert dw.options.phi == "live"  # names in live widgets, masks in what is kept
    assert dw.options.static is False
