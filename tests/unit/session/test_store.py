"""The store: budget, replacing, dropping, watchers, many threads at once, and frames decoded before they are needed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from dicom_widgets.dicom.blob import Blob
from dicom_widgets.errors import NotFound
from dicom_widgets.media.files import mapped
from dicom_widgets.pixels.frames import stored_frame
from dicom_widgets.session.store import CANNOT_UNDERSTAND, OUT_OF_RESOURCES, SUCCESS, Store
from tests import samples


def store(limit: int = 1 << 30, cache: int = 1 << 30) -> Store:
    return Store(limit, cache_limit=cache)


def image(value: int = 0, **attributes):
    return samples.image(np.full((16, 16), value, np.uint16), **attributes)


def uid(ds) -> str:
    return str(ds.SOPInstanceUID)


def test_what_was_added_is_there():
    held, ds = store(), image()
    assert held.add(samples.blob(ds)) == SUCCESS == 0x0000
    assert uid(ds) in held
    assert held.get(uid(ds)).uid == uid(ds)
    assert held.nbytes == samples.blob(ds).nbytes


def test_what_is_not_held_is_not_found():
    with pytest.raises(NotFound, match=r"1\.2\.3"):
        store().get("1.2.3")


@pytest.mark.parametrize(
    ("spare", "status"), [(0, SUCCESS), (-1, OUT_OF_RESOURCES), (-10_000, OUT_OF_RESOURCES), (500, SUCCESS)]
)
def test_the_budget_is_kept_to_the_byte(spare, status):
    """PS3.4 B.2.3: 0xA700 refused: out of resources."""
    first, second = samples.blob(image()), samples.blob(image())
    held = store(first.nbytes + second.nbytes + spare)
    if held.limit > first.nbytes:
        assert held.add(first) == SUCCESS
    assert held.add(second) == status
    assert held.nbytes <= max(0, held.limit)
    assert OUT_OF_RESOURCES == 0xA700


def test_a_mapped_file_does_not_count(tmp_path):
    image().save_as(tmp_path / "one.dcm", enforce_file_format=True)
    held = store(1)
    assert (held.add(mapped(tmp_path / "one.dcm")), held.nbytes) == (SUCCESS, 0)


def test_a_refused_instance_leaves_no_trace():
    held, seen = store(10), []
    held.watch(lambda i: seen.append(i.uid))
    assert held.add(samples.blob(image())) == OUT_OF_RESOURCES
    assert (held.under(()), held.nbytes, seen) == ([], 0, [])


@pytest.mark.parametrize(
    "data", [b"", b"nonsense", b"\0" * 100, samples.encoded(samples.item(PatientID="1"), samples.EXPLICIT)]
)
def test_what_is_no_object_cannot_be_understood(data):
    """0xC000, and no exception: the bytes come from the network."""
    assert store().add(Blob.of(data, samples.EXPLICIT)) == CANNOT_UNDERSTAND


def test_the_same_uid_is_replaced():
    held, ds = store(), image(1)
    held.add(samples.blob(ds))
    first = held.frame(held.get(uid(ds)), 1)
    ds.PixelData = image(2).PixelData
    held.add(samples.blob(ds))
    assert len(held.under(())) == 1
    assert held.nbytes == samples.blob(ds).nbytes
    assert (first.max(), held.frame(held.get(uid(ds)), 1).max()) == (1, 2)


def test_a_replacement_fits_where_the_replaced_one_did():
    blob = samples.blob(image())
    held = store(blob.nbytes)
    assert [held.add(blob), held.add(blob)] == [SUCCESS, SUCCESS]
    assert held.nbytes == blob.nbytes


def test_the_frames_of_a_replaced_instance_are_never_those_of_the_new_one():
    """Somebody still holds the old Instance, and asks for its frame after the replacement."""
    held, ds = store(), image(1)
    held.add(samples.blob(ds))
    old = held.get(uid(ds))
    ds.PixelData = image(2).PixelData
    held.add(samples.blob(ds))
    assert held.frame(old, 1).max() == 1
    assert held.frame(held.get(uid(ds)), 1).max() == 2


def test_a_replacement_during_the_decoding_leaves_no_old_frame(monkeypatch):
    held, ds = store(), image(1)
    held.add(samples.blob(ds))
    old, decode = held.get(uid(ds)), stored_frame

    def slow(instance, number):
        found = decode(instance, number)
        if instance is old:
            ds.PixelData = image(2).PixelData
            held.add(samples.blob(ds))
        return found

    monkeypatch.setattr("dicom_widgets.session.store.stored_frame", slow)
    assert held.frame(old, 1).max() == 1
    assert held.frame(held.get(uid(ds)), 1).max() == 2
    assert held.frames.nbytes == 512


def test_dropping_gives_the_memory_back():
    held, ds = store(), image()
    held.add(samples.blob(ds))
    held.frame(held.get(uid(ds)), 1)
    assert held.frames.nbytes == 512
    assert held.drop([uid(ds), uid(ds), "1.2.3"]) == 1
    assert (held.nbytes, held.frames.nbytes, uid(ds) in held) == (0, 0, False)


def test_under_gives_a_study_a_series_or_an_instance():
    held = store()
    all_of_them = [image(SeriesInstanceUID=f"1.2.3.1.{n // 2}", StudyInstanceUID=f"1.2.3.{n // 4}") for n in range(8)]
    for ds in all_of_them:
        held.add(samples.blob(ds))
    assert [len(held.under(p)) for p in ((), ("1.2.3.0",), ("1.2.3.1", "1.2.3.1.2"), ("1.2.3.9",))] == [8, 4, 2, 0]
    one = all_of_them[5]
    assert [i.uid for i in held.under(("1.2.3.1", "1.2.3.1.2", uid(one)))] == [uid(one)]


def test_the_tree_counts_what_is_held():
    held = store()
    for n in range(4):
        held.add(samples.blob(image(SeriesInstanceUID=f"1.2.{n % 2}", Modality="MR" if n % 2 else "CT")))
    study = held.tree().one()
    assert (study.ModalitiesInStudy, study.SOPClassesInStudy) == (["CT", "MR"], [samples.CT])
    assert (study.NumberOfStudyRelatedSeries, study.NumberOfStudyRelatedInstances) == (2, 4)
    assert [s.NumberOfSeriesRelatedInstances for s in study.children] == [2, 2]
    assert [e.level for e in (study, study.children[0], study.children[0].children[0])] == ["STUDY", "SERIES", "IMAGE"]
    assert study.complete


def test_watchers_see_what_arrives_until_they_end():
    held, seen = store(), []
    end = held.watch(lambda i: seen.append(i.uid))
    first, second = image(), image()
    held.add(samples.blob(first))
    end()
    end()
    held.add(samples.blob(second))
    assert seen == [uid(first)]


def test_a_watcher_may_use_the_store():
    """It is called without the lock."""
    held, seen = store(), []
    held.watch(lambda i: seen.append((held.get(i.uid).uid, len(held.tree()), held.drop([i.uid]))))
    ds = image()
    held.add(samples.blob(ds))
    assert seen == [(uid(ds), 1, 1)]


def test_states_are_found_by_what_they_refer_to_and_forgotten_when_dropped():
    """PS1, PS21."""
    held, ds = store(), image()
    made = samples.state(ds)
    held.add(samples.blob(made))
    assert [s.uid for s in held.states_of(uid(ds))] == [uid(made)]
    held.drop([uid(made)])
    assert held.states_of(uid(ds)) == []


def test_a_replaced_state_refers_to_what_the_new_one_says():
    held, first, second = store(), image(), image()
    made = samples.state(first)
    held.add(samples.blob(made))
    made.ReferencedSeriesSequence = samples.state(second).ReferencedSeriesSequence
    held.add(samples.blob(made))
    assert [len(held.states_of(uid(ds))) for ds in (first, second)] == [0, 1]


# --- many threads


def test_many_threads_leave_the_books_in_order():
    held = store(cache=4096)
    blobs = [samples.blob(image(n)) for n in range(40)]
    uids = [samples.Instance(b).uid for b in blobs]

    def work(seed: int) -> None:
        rng = np.random.default_rng(seed)
        for _ in range(60):
            n = int(rng.integers(40))
            held.add(blobs[n])
            assert held.frame(samples.Instance(blobs[n]), 1).max() == n
            if rng.random() < 0.5:
                held.drop([uids[int(rng.integers(40))]])
            for i in held.under(())[:3]:
                assert held.frame(i, 1).max() == uids.index(i.uid)
            held.tree()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert held.nbytes == sum(i.blob.nbytes for i in held.under(()))
    assert held.frames.nbytes <= 4096
    held.drop(uids)
    assert (held.nbytes, held.frames.nbytes, len(held.tree())) == (0, 0, 0)


def test_threads_together_never_exceed_the_budget():
    blobs = [samples.blob(image(n)) for n in range(64)]
    held = store(blobs[0].nbytes * 10 + 5)
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(held.add, blobs))
    assert held.nbytes <= held.limit
    assert statuses.count(SUCCESS) == len(held.under(())) == 10


# --- prefetch


def test_wished_frames_are_decoded_before_they_are_asked_for():
    held = store()
    instances = [samples.Instance(samples.blob(image(n))) for n in range(5)]
    for n in range(5):
        held.add(instances[n].blob)
    here = [held.get(i.uid) for i in instances]
    held.prefetch([(i, 1) for i in here])
    deadline = time.monotonic() + 10
    while any((i, 1) not in held.frames for i in here) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert all((i, 1) in held.frames for i in here)
    held.close()


def test_a_wish_fills_half_of_the_cache_at_most():
    held = store(cache=200)
    blobs = [samples.blob(image(n)) for n in range(9)]
    for one in blobs:
        held.add(one)
    wished = []
    held._prefetch.request = wished.extend
    held.prefetch([(i, 1) for i in held.under(())])
    nbytes = held.frame(held.under(())[0], 1).nbytes
    assert len(wished) == 100 // nbytes
    held.close()
