"""A source from outside of the package: one data set on a shelf."""

from __future__ import annotations

from contextlib import contextmanager

import dicom_widgets as dw
from dicom_widgets.dicom.part10 import part10
from dicom_widgets.sources.matching import key_value, matches
from dicom_widgets.sources.terms import UIDS, checked
from dicom_widgets.sources.way import Way
from tests import samples

LEVELS = ("STUDY", "SERIES", "IMAGE")


def copy(order):
    """A way of retrieval: the source has the objects in memory."""
    for entity in order.instances():
        order.ledger.take(entity.uid, part10(memoryview(order.source.files[entity.uid]), "the shelf"))
        yield order.ledger.progress()


class Shelf:
    """One data set that pydicom has made."""

    way, ways, invented = "Copy", {"Copy": Way("Copy", copy)}, False

    def __init__(self, ds):
        self.ds, self.files = ds, {ds.SOPInstanceUID: samples.part10(ds)}

    def __str__(self):
        return "the shelf"

    @contextmanager
    def catalog(self, ours, cancellation):
        yield self

    def find(self, level, path=(), **keys):
        path, terms = checked(level, path, keys)
        full = [str(self.ds[k].value) for k in UIDS]
        attributes = {e.keyword: key_value(self.ds, e.keyword) for e in self.ds}
        depth = LEVELS.index(level) + 1
        entity = dw.Entity(level, tuple(full[:depth]), attributes, complete=level == "IMAGE", source=self)
        return dw.Entities([entity] if entity.path[:-1] == path and matches(entity, terms) else [])

    def expand(self, entity):
        entity.children, entity.complete = self.find(LEVELS[LEVELS.index(entity.level) + 1], entity.path), True

    def instances(self, entity):
        return self.find("IMAGE", tuple(str(self.ds[k].value) for k in UIDS[:2]))
