"""Forked children of a process that had a C-MOVE: they end as they should, and leave the parent's listener alone."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")

SCRIPT = """
import multiprocessing, os, sys
import dicom_widgets as dw

fork = multiprocessing.get_context("fork")

def square(x):
    return x * x

def forked():
    child = os.fork()
    if child == 0:
        sys.exit(0)  # leaves the blocks below, and ends as a program ends
    assert os.waitpid(child, 0)[1] == 0

def process():
    child = fork.Process(target=square, args=(2,))
    child.start()
    child.join()
    assert child.exitcode == 0

def pool():
    workers = fork.Pool(2)
    assert workers.map(square, [1, 2]) == [1, 4]
    workers.close()
    workers.join()

def transfer():
    with session.fetch(study, way="C-MOVE") as running:
        forked()
        assert running.result().complete

with dw.PracticePacs() as pacs, dw.Session(listen_port=0) as session:
    pacs.destinations[session.ae_title] = ("127.0.0.1", session.local.port)
    study = session.tree(pacs.remote)[0]
    assert session.retrieve(study, way="C-MOVE", progress=False).complete
    {way}()
    assert session.retrieve(study, way="C-MOVE", progress=False).complete
    assert session.listener is not None
print("ended")
"""


@pytest.mark.parametrize("way", ["forked", "process", "pool", "transfer"])
def test_a_forked_child_ends_and_the_parent_goes_on(way):
    script = SCRIPT.replace("{way}", way)
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "ended\n"), done.stderr
