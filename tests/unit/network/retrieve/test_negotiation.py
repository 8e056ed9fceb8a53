"""Presentation contexts against the limit of 128 (PS3.8 9.3.2) and what real peers make of proposals."""

from __future__ import annotations

import pytest
from pynetdicom.ae import ApplicationEntity

from dicom_widgets.dicom.conformance import EXPLICIT, GET, IMPLICIT, STORAGE, TRANSFER_SYNTAXES
from dicom_widgets.network.retrieve.negotiation import LIMIT, plan

CLASSES = list(STORAGE)
NINE = [
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2",
    *(f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 57, 70, 80, 90, 91)),
]
MANY = [f"2.25.{n}" for n in range(1, 301)]


def stores(contexts):
    return [(str(c.abstract_syntax), [str(s) for s in c.transfer_syntax]) for c in contexts[1:]]


@pytest.mark.parametrize("count", [1, 2, 13, 14])
def test_up_to_fourteen_classes_get_one_context_for_each_of_the_nine_syntaxes(count):
    (contexts,) = plan(CLASSES[:count])
    assert stores(contexts) == [(uid, [syntax]) for uid in CLASSES[:count] for syntax in NINE]


@pytest.mark.parametrize("count", [15, 45])
def test_more_than_fourteen_classes_get_one_context_each_and_what_is_missing_then_the_compressed_syntaxes(count):
    contexts, further = plan(CLASSES[:count])
    assert stores(contexts) == [(uid, NINE) for uid in CLASSES[:count]]
    assert stores(further) == [(uid, NINE[2:]) for uid in CLASSES[:count]]


def test_where_nothing_is_known_all_45_classes_of_the_statement_are_proposed():
    contexts, _ = plan([])
    assert [uid for uid, _ in stores(contexts)] == CLASSES
    assert len(CLASSES) == 45


@pytest.mark.parametrize("count", [0, 1, 14, 15, 45, 127, 128, 254, 255, 300])
def test_no_association_proposes_more_than_128_contexts_and_each_begins_with_the_service(count):
    for contexts in plan(MANY[:count]):
        assert len(contexts) <= 128
        assert contexts[0].abstract_syntax == GET
        assert GET not in [c.abstract_syntax for c in contexts[1:]]


@pytest.mark.parametrize(("count", "associations"), [(127, 1), (128, 2), (254, 2), (255, 3)])
def test_more_than_127_classes_need_a_further_association(count, associations):
    planned = plan(MANY[:count])
    assert len(planned) == 2 * associations
    proposed = [uid for contexts in planned for uid, _ in stores(contexts)]
    assert proposed == MANY[:count] * 2  # with all nine syntaxes, and with the compressed ones


@pytest.mark.parametrize("count", [1, 20, 200])
def test_the_toolkit_takes_each_plan_as_it_is(count):
    for contexts in plan(MANY[:count]):
        ApplicationEntity._validate_requested_contexts(contexts)
        assert LIMIT == 128


@pytest.mark.parametrize("count", [1, 15])
def test_explicit_stands_before_implicit_everywhere(count):
    contexts = plan(CLASSES[:count])[0]
    proposed = [str(s) for c in contexts for s in c.transfer_syntax]
    assert proposed.index(EXPLICIT) < proposed.index(IMPLICIT)
    assert [str(s) for s in contexts[0].transfer_syntax] == [EXPLICIT, IMPLICIT]
    for _, syntaxes in stores(contexts):
        assert IMPLICIT not in syntaxes or syntaxes.index(IMPLICIT) == (1 if len(syntaxes) > 1 else 0)


def test_a_class_that_is_named_twice_is_proposed_once():
    assert [stores(c) for c in plan([CLASSES[0], CLASSES[0]])] == [stores(c) for c in plan([CLASSES[0]])]


def test_a_class_outside_of_the_statement_is_proposed_where_it_is_inside():
    (contexts,) = plan(["1.2.840.10008.5.1.4.1.1.66"])
    assert {uid for uid, _ in stores(contexts)} == {"1.2.840.10008.5.1.4.1.1.66"}


def test_the_nine_syntaxes_are_those_of_the_statement():
    assert [str(s) for s in TRANSFER_SYNTAXES] == NINE
