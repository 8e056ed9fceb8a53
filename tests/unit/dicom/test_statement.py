"""Our tables against those of the Statement: each difference has a name and a reason, and each name a difference."""

from __future__ import annotations

import pytest
from pydicom.charset import python_encoding

from dicom_widgets.dicom import conformance
from dicom_widgets.dicom.conformance import DEVIATIONS, KEYS, LEVELS, SERVICES, Contexts
from dicom_widgets.errors import QueryKeyError
from dicom_widgets.network import query
from dicom_widgets.network.retrieve.negotiation import plan
from dicom_widgets.session import store
from dicom_widgets.sources.terms import term
from tests import statement

LETTERS = {"single": "S", "wildcard": "*", "universal": "U", "range": "R", "list": "L", "unique": "UNIQUE"}
VALUES = {"single": "1.2", "wildcard": "1*", "range": "10-12", "list": "1.2\\3.4"}


def yes(rows):
    return dict.fromkeys(rows, "yes")


def ordered(syntaxes):
    return {str(syntax): str(position) for position, syntax in enumerate(syntaxes, 1)}


def negotiated(contexts: Contexts):
    return ordered(contexts.syntaxes) | {"role": contexts.role, "extended negotiation": contexts.negotiation}


def matching(level):
    return {
        k: ",".join(LETTERS[m] for m in LETTERS if m in kinds) for k, kinds in conformance.request_keys(level).items()
    }


def simultaneous(name):
    return {"simultaneous associations": str(SERVICES[name].simultaneous or "configurable")}


def offered(name):
    """Return SOP class -> role of the service itself: the first of its presentation contexts."""
    return dict.fromkeys(SERVICES[name].contexts[0].classes, SERVICES[name].contexts[0].role)


def services():
    return [f"{uid} {role}" for name in SERVICES for uid, role in offered(name).items() if name != "STORAGE-SCP"]


def stored():
    storage = SERVICES["STORAGE-SCP"].contexts[0]
    return {**yes(storage.classes), "role": storage.role}


OURS: dict[str, statement.Table] = {
    "Overview, storage": stored(),
    "Overview, services": yes([*services(), "WADO-URI SCU"]),
    "Overview, transfer syntaxes": ordered(conformance.RECEIVED_SYNTAXES),
    "Table 1": offered("FIND-SCU"),
    "Table 2": simultaneous("FIND-SCU"),
    "Tables 2, 8, 11, 14": {
        "Maximum PDU size received": str(conformance.MAXIMUM_PDU),
        "Implementation Class UID": conformance.IMPLEMENTATION_CLASS_UID,
        "Implementation Version Name": conformance.IMPLEMENTATION_VERSION_NAME,
    },
    "Table 3": negotiated(SERVICES["FIND-SCU"].contexts[0]),
    "Table 4": matching("STUDY"),
    "Table 5": matching("SERIES"),
    "Table 6": matching("IMAGE"),
    "Table 7": stored(),
    "Table 8": simultaneous("STORAGE-SCP"),
    "Table 9": negotiated(SERVICES["STORAGE-SCP"].contexts[0]),
    "Table 10": offered("GET-SCU"),
    "Table 11": simultaneous("GET-SCU")
    | {"associations of one retrieval": str(SERVICES["GET-SCU"].in_turn or "as many as needed")},
    "Table 12, service": negotiated(SERVICES["GET-SCU"].contexts[0]),
    "Table 12, storage": negotiated(SERVICES["GET-SCU"].contexts[1]),
    "Table 13": offered("MOVE-SCU"),
    "Table 14": simultaneous("MOVE-SCU"),
    "Table 15": negotiated(SERVICES["MOVE-SCU"].contexts[0]),
    "WADO-URI": yes(conformance.RECEIVED_SYNTAXES) | conformance.WADO_URI,
    "Media, transfer syntaxes": yes(conformance.MEDIA_SYNTAXES),
    "Table 16": dict.fromkeys(conformance.MEDIA_PROFILES, "FSR"),
    "Table 17": yes(conformance.CHARACTER_SETS | conformance.FURTHER_CHARACTER_SETS),
    "Security": yes(conformance.SECURITY),
}


def differences(name):
    """Return the cells of a table that differ: row -> (printed, ours)."""
    printed, ours = statement.TABLES[name], OURS[name]
    cells = {row: (printed.get(row, "-"), ours.get(row, "-")) for row in printed | ours}
    return {row: cell for row, cell in cells.items() if cell[0] != cell[1]}


def named(name):
    return {row: (d.printed, d.ours) for d in DEVIATIONS if name in d.tables for row in d.rows}


def test_every_table_of_the_statement_is_compared():
    assert list(OURS) == list(statement.TABLES)
    assert {table for d in DEVIATIONS for table in d.tables} <= set(OURS)


@pytest.mark.parametrize("name", statement.TABLES)
def test_a_table_is_that_of_the_statement_but_for_its_named_deviations(name):
    """Exactly: neither a difference without a name, nor a name without its difference."""
    assert named(name) == differences(name)


def test_every_deviation_has_a_reason_and_none_is_named_twice():
    assert [d for d in DEVIATIONS if not d.why.endswith(".")] == []
    cells = [(table, row) for d in DEVIATIONS for table in d.tables for row in d.rows]
    assert len(cells) == len(set(cells))


def test_the_transcription_has_the_sizes_of_the_statements_tables():
    sizes = {name: len(table) for name, table in statement.TABLES.items()}
    expected = {"Overview, storage": 46, "Overview, transfer syntaxes": 9, "Table 4": 19, "Table 5": 10, "Table 6": 15}
    expected |= {"Table 7": 45, "Table 16": 2, "Table 17": 11}  # storage: with the row of the role
    assert {name: sizes[name] for name in expected} == expected


# --- and the tables are what the code does


@pytest.mark.parametrize("level", LEVELS)
def test_a_request_asks_for_the_keys_of_the_table_and_the_character_set(level):
    path = ("1.2.3", "4.5.6")[: LEVELS.index(level)]
    sent = {element.keyword for element in query.identifier(level, path, {})}
    assert sent == {"QueryRetrieveLevel", "SpecificCharacterSet", *conformance.request_keys(level)}


@pytest.mark.parametrize(("level", "keyword"), [(level, keyword) for level in LEVELS for keyword in KEYS[level]])
@pytest.mark.parametrize("kind", ["wildcard", "range", "list"])
def test_a_key_is_matched_as_its_table_says_and_by_wildcards_only_there(level, keyword, kind):
    kinds = conformance.request_keys(level)[keyword]
    if kinds == {"universal"}:
        with pytest.raises(QueryKeyError):
            term(level, keyword, VALUES["single"])
    elif kind in kinds:
        assert term(level, keyword, VALUES[kind] if keyword[-4:] != "Date" else "20240101-20240131")
    elif kind == "wildcard":
        with pytest.raises(QueryKeyError):
            term(level, keyword, VALUES[kind])


def test_a_c_get_proposes_the_contexts_of_its_table():
    service, storage = SERVICES["GET-SCU"].contexts
    proposed, *_ = plan([])
    assert (proposed[0].abstract_syntax,) == service.classes
    assert tuple(proposed[0].transfer_syntax) == service.syntaxes
    assert tuple(str(c.abstract_syntax) for c in proposed[1:]) == storage.classes
    assert {tuple(c.transfer_syntax) for c in proposed[1:]} == {storage.syntaxes}
    assert SERVICES["GET-SCU"].in_turn is None
    assert len(plan([f"2.25.{n}" for n in range(128)])) > 1


def test_every_character_set_is_one_that_is_decoded():
    assert set(conformance.CHARACTER_SETS | conformance.FURTHER_CHARACTER_SETS) <= set(python_encoding)


def test_every_status_of_the_store_is_in_the_table_of_c_store():
    assert {store.SUCCESS, store.OUT_OF_RESOURCES, store.CANNOT_UNDERSTAND} <= set(conformance.STORE_STATUSES)
