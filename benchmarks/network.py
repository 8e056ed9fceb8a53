"""Retrieval and query beside stock pynetdicom, DCMTK's tools, curl and requests; the peers are real ones on loopback.

Each run is a process of its own. Those of DCMTK and curl are timed as a whole (they start within some 5 ms); in those
of Python, `python -m benchmarks.network WAY` with a `Job` on stdin, the clock runs from the association request, or
from `session.retrieve`, to the end of the association.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import requests
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian
from pynetdicom import AE, build_role, evt
from pynetdicom.sop_class import (
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

import dicom_widgets as dw
from benchmarks.report import Row, table
from benchmarks.samples import Stored, files
from dicom_widgets.dicom.conformance import KEYS
from tests.peers.dcmqrscp import Dcmqrscp
from tests.peers.loopback import HOST, accepts, environment, free_port, tool
from tests.peers.orthanc import Orthanc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tests.peers.loopback import Peer

TITLE = "BENCHMARK"
"""Our AE title, whoever of us it is."""
LINE = 118
"""MB/s that a gigabit line brings."""
PARALLEL = 4
DISTS = ("pynetdicom", "pydicom", "requests")
RUNS, SLOW_RUNS = 5, 3
INDEXED = 5_000  # the index of dcmqrscp ends at 32 MiB, which are 9,000 instances
MEMORY = Path("/dev/shm")


@dataclass(frozen=True)
class Job:
    """What a process is told."""

    ae_title: str
    host: str
    port: int
    wado_uri: str | None
    listener: int
    """Where the peer sends to in a C-MOVE."""
    study: str
    series: str | None
    urls: tuple[str, ...]
    digest: bool = False
    """Whether to say what came, so that others can be compared with it."""

    @property
    def keys(self) -> dict[str, str]:
        """The identifier of a retrieval."""
        below = {"QueryRetrieveLevel": "SERIES", "StudyInstanceUID": self.study, "SeriesInstanceUID": self.series or ""}
        return below if self.series else {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": self.study}


@dataclass(frozen=True)
class Run:
    """What a process says."""

    seconds: float
    count: int
    memory: int = 0
    """Bytes by which the process grew at most."""
    connections: int = 0
    digest: str = ""


# --- in a process of its own


class Clock:
    """Seconds and growth of the process within a block."""

    def __enter__(self) -> Self:
        self._before = _memory("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # the peak of what was before is forgotten
        self._start = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._start
        self.memory = _memory("VmHWM") - self._before


def _memory(name: str) -> int:
    line = next(x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith(name))
    return int(line.split()[1]) * 1024


def digest(instances: Mapping[str, Any]) -> str:
    """Return one number for SOP Instance UIDs and encoded data sets."""
    one_by_one = sorted(f"{uid} {hashlib.sha256(data).hexdigest()}" for uid, data in instances.items())
    return hashlib.sha256("\n".join(one_by_one).encode()).hexdigest()


def ours(way: str, job: Job) -> Run:
    remote = dw.RemoteAE(job.ae_title, job.host, job.port, wado_uri=job.wado_uri)
    with dw.Session(TITLE, listen_port=job.listener) as session:
        if way == "WADO-URI":  # which needs the instances, as curl and requests do
            entity = session.tree(remote, StudyInstanceUID=job.study).one()
        else:
            entity = session.find(remote, StudyInstanceUID=job.study).one()
            if job.series:
                entity = session.find(remote, "SERIES", entity, SeriesInstanceUID=job.series).one()
        with Clock() as clock:
            found = session.retrieve(entity, way=way, progress=False)
        if not found.complete:
            raise RuntimeError(repr(found))
        held = {i.uid: i.blob.data for i in session.instances(entity)} if job.digest else {}
        return Run(clock.seconds, len(found.received), clock.memory, digest=digest(held))


def tree(job: Job) -> Run:
    opened = []

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect" and arguments[1] == (job.host, job.port):
            opened.append(event)

    sys.addaudithook(count)
    remote = dw.RemoteAE(job.ae_title, job.host, job.port)
    with dw.Session(TITLE, listen_port=0) as session, Clock() as clock:
        studies = session.tree(remote)
    return Run(clock.seconds, sum(len(s.instances) for s in studies), connections=len(opened))


def documented(event: Any, kept: dict[str, bytes]) -> int:
    """Keep an instance as the examples of pynetdicom's documentation do, in memory instead of a file."""
    ds = event.dataset
    ds.file_meta = event.file_meta
    file = io.BytesIO()
    ds.save_as(file, enforce_file_format=True)
    kept[ds.SOPInstanceUID] = file.getvalue()
    return 0x0000


def as_it_came(event: Any, kept: dict[str, bytes]) -> int:
    """Keep the encoded data set, to compare it."""
    kept[event.request.AffectedSOPInstanceUID] = event.request.DataSet.getvalue()
    return 0x0000


def stock_get(job: Job) -> Run:
    ae = AE(TITLE)
    ae.add_requested_context(StudyRootQueryRetrieveInformationModelGet)
    ae.add_requested_context(CTImageStorage, ExplicitVRLittleEndian)
    kept: dict[str, bytes] = {}
    keep = [(evt.EVT_C_STORE, as_it_came if job.digest else documented, [kept])]
    role = build_role(CTImageStorage, scp_role=True)
    with Clock() as clock:
        assoc = ae.associate(job.host, job.port, ae_title=job.ae_title, ext_neg=[role], evt_handlers=keep)
        for _status, _ in assoc.send_c_get(_identifier(job), StudyRootQueryRetrieveInformationModelGet):
            pass
        assoc.release()
    return Run(clock.seconds, len(kept), clock.memory, digest=digest(kept) if job.digest else "")


def stock_move(job: Job) -> Run:
    ae = AE(TITLE)
    ae.add_requested_context(StudyRootQueryRetrieveInformationModelMove)
    ae.add_supported_context(CTImageStorage, ExplicitVRLittleEndian)
    kept: dict[str, bytes] = {}
    keep = [(evt.EVT_C_STORE, as_it_came if job.digest else documented, [kept])]
    with Clock() as clock:
        scp = ae.start_server((HOST, job.listener), block=False, evt_handlers=keep)
        assoc = ae.associate(job.host, job.port, ae_title=job.ae_title)
        for _status, _ in assoc.send_c_move(_identifier(job), TITLE, StudyRootQueryRetrieveInformationModelMove):
            pass
        assoc.release()
    scp.shutdown()
    return Run(clock.seconds, len(kept), clock.memory, digest=digest(kept) if job.digest else "")


def _identifier(job: Job) -> Dataset:
    ds = Dataset()
    for keyword, value in job.keys.items():
        setattr(ds, keyword, value)
    return ds


def plain_requests(job: Job) -> Run:
    with requests.Session() as session:

        def load(url: str) -> bytes:
            answer = session.get(url, headers={"Accept-Encoding": "identity"}, timeout=30)
            answer.raise_for_status()
            return answer.content

        with Clock() as clock, ThreadPoolExecutor(PARALLEL) as pool:
            kept = list(pool.map(load, job.urls))
    return Run(clock.seconds, len(kept), clock.memory)


INSIDE: dict[str, Callable[[Job], Run]] = {
    **{way: partial(ours, way) for way in ("C-GET", "C-MOVE", "WADO-URI")},
    "tree": tree,
    "stock-get": stock_get,
    "stock-move": stock_move,
    "requests": plain_requests,
}


# --- the processes


def python(way: str, job: Job) -> Run:
    command = [sys.executable, "-m", "benchmarks.network", way]
    told = json.dumps(asdict(job))
    done = subprocess.run(
        command, input=told, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True, timeout=900, check=True
    )
    return Run(**json.loads(done.stdout))


def dcmtk(name: str, *options: str, keys: Mapping[str, str], job: Job, nodelay: bool) -> tuple[float, str]:
    """Run a client of DCMTK; return its seconds and what it said."""
    asked = [x for k, v in keys.items() for x in ("-k", f"{k}={v}" if v else k)]
    command = [tool(name) or name, "-S", "-aet", TITLE, "-aec", job.ae_title, *options, *asked, job.host, str(job.port)]
    start = time.perf_counter()
    done = subprocess.run(
        command, env=environment(nodelay=nodelay), capture_output=True, text=True, timeout=900, check=True
    )
    return time.perf_counter() - start, done.stdout + done.stderr


@contextlib.contextmanager
def received() -> Iterator[Path]:
    """Yield a folder in memory: the others keep there what comes, too."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)


def getscu(job: Job, *options: str, nodelay: bool) -> Run:
    with received() as folder:
        seconds, _ = dcmtk("getscu", *options, "-od", str(folder), keys=job.keys, job=job, nodelay=nodelay)
        return Run(seconds, len([*folder.iterdir()]))


def movescu(job: Job, *options: str, nodelay: bool) -> Run:
    """Run movescu while a storescp listens: receiving by itself (+P) movescu waits a second at the end."""
    with received() as folder, tempfile.TemporaryFile() as log:
        scp = subprocess.Popen(
            [tool("storescp") or "storescp", *options, "-od", str(folder), str(job.listener)],
            env=environment(nodelay=nodelay),
            stdout=log,
            stderr=log,
        )
        try:
            while not accepts(job.listener) and scp.poll() is None:
                time.sleep(0.02)
            seconds, _ = dcmtk("movescu", "-aem", TITLE, keys=job.keys, job=job, nodelay=nodelay)
        finally:
            scp.terminate()
            scp.wait(10)
        return Run(seconds, len([*folder.iterdir()]))


def findscu(job: Job, studies: Sequence[Stored]) -> Run:
    """Ask level by level, with the keys that we ask for; the UIDs are known here and need not be read."""
    above: list[tuple[str, dict[str, str]]] = [("STUDY", {})]
    for stored in studies:
        above.append(("SERIES", {"StudyInstanceUID": stored.study}))
        uids = dict.fromkeys(series for series, _ in stored.instances)
        above += [("IMAGE", {"StudyInstanceUID": stored.study, "SeriesInstanceUID": uid}) for uid in uids]
    total, count = 0.0, 0
    for level, unique in above:
        keys = {"QueryRetrieveLevel": level, **dict.fromkeys(KEYS[level], ""), **unique}
        seconds, said = dcmtk("findscu", keys=keys, job=job, nodelay=True)
        total += seconds
        count += said.count("Find Response:") if level == "IMAGE" else 0
    return Run(total, count, connections=len(above))


def curl(job: Job) -> Run:
    wanted = "".join(f'url = "{url}"\noutput = "/dev/null"\n' for url in job.urls)
    command = ["curl", "--silent", "--show-error", "--fail", "-Z", "--parallel-max", str(PARALLEL), "--config", "-"]
    written = ["--header", "Accept-Encoding: identity", "--write-out", "%{http_code}\n"]
    start = time.perf_counter()
    done = subprocess.run([*command, *written], input=wanted, capture_output=True, text=True, timeout=900, check=True)
    return Run(time.perf_counter() - start, done.stdout.split().count("200"))


# --- side by side


@dataclass
class Bench:
    """A peer that holds the studies."""

    name: str
    peer: Peer
    listener: int
    tuned: bool
    """Whether it, and DCMTK's tools with it, has TCP_NODELAY=1 in its environment."""

    def job(self, stored: Stored, **options: Any) -> Job:
        p = self.peer
        wado = f"{p.wado_uri}?requestType=WADO&studyUID={stored.study}&contentType=application/dicom"
        urls = tuple(f"{wado}&seriesUID={series}&objectUID={uid}" for series, uid in stored.instances)
        return Job(p.ae_title, p.host, p.port, p.wado_uri, self.listener, stored.study, stored.series, urls, **options)


@dataclass
class Result:
    """What the ways took, by name; the first way is ours."""

    runs: dict[str, list[Run]]
    nbytes: int
    goals: list[str] = field(default_factory=list)

    def median(self, name: str) -> float:
        return statistics.median(run.seconds for run in self.runs[name])

    def row(self, name: str) -> Row:
        memory = statistics.median(run.memory for run in self.runs[name]) / self.nbytes
        more = f"{self.rate(name):.1f} MB/s" + (f", memory {memory:.2f} times the bytes" if memory else "")
        return Row(name, [run.seconds * 1e3 for run in self.runs[name]], more=more)

    def rate(self, name: str) -> float:
        return self.nbytes / 1e6 / self.median(name)

    @property
    def first(self) -> str:
        return next(iter(self.runs))

    def faster(self, than: str, goal: float) -> None:
        self.goal(self.median(than) / self.median(self.first), f"times as fast as {than}", at_least=goal)

    def line(self) -> None:
        self.goal(self.rate(self.first), "MB/s", at_least=LINE)

    def memory(self, goal: float) -> None:
        grown = statistics.median(run.memory for run in self.runs[self.first]) / self.nbytes
        self.goal(grown, "bytes of memory for each byte received", at_most=goal)

    def goal(
        self, figure: float, words: str, *, at_least: float = -float("inf"), at_most: float = float("inf")
    ) -> None:
        wanted = f"<= {at_most:g}" if at_most < float("inf") else f">= {at_least:g}"
        verdict = "met" if at_least <= figure <= at_most else "MISSED"
        self.goals.append(f"  {figure:.2f} {words}; goal {wanted}: {verdict}")

    def print(self, title: str) -> None:
        table(title, [self.row(name) for name in self.runs], DISTS)
        for goal in self.goals:
            print(goal, flush=True)


def measured(ways: Mapping[str, Callable[[], Run]], count: int, runs: int) -> dict[str, list[Run]]:
    """Run all ways in turn, after a first round that does not count; each must bring everything."""
    taken: dict[str, list[Run]] = {name: [] for name in ways}
    for turn in range(runs + 1):
        for name, way in ways.items():
            run = way()
            if run.count != count:
                raise RuntimeError(f"{name}: {run.count} of {count} instances")
            if turn:
                taken[name].append(run)
    return taken


def compared(way: str, bench: Bench, stored: Stored, runs: int) -> Result:
    """C-GET or C-MOVE beside stock pynetdicom and DCMTK, which has the environment that the peer has."""
    stock, name, client = {
        "C-GET": ("stock-get", "DCMTK getscu", getscu),
        "C-MOVE": ("stock-move", "DCMTK movescu, storescp", movescu),
    }[way]
    job = bench.job(stored)
    ways = {
        f"dicom_widgets, {way}": partial(python, way, job),
        "stock pynetdicom": partial(python, stock, job),
        name: partial(client, job, nodelay=bench.tuned),
    }
    if bench.tuned:
        ways[f"{name} +B (straight into files)"] = partial(client, job, "+B", nodelay=True)
    return Result(measured(ways, len(stored.instances), runs), stored.nbytes)


def titled(way: str, bench: Bench, stored: Stored) -> str:
    count = len(stored.instances)
    words = "TCP_NODELAY=1" if bench.tuned else "default environment"
    return f"{way}, {count} x {stored.nbytes / count / 1000:.0f} KB from {bench.name}, {words}"


def transfers(benches: Sequence[Bench], large: Stored, small: Stored, runs: int, slow_runs: int) -> None:
    for way, factor in (("C-GET", 2.0), ("C-MOVE", 1.6)):
        for bench in benches:
            often = runs if bench.tuned else slow_runs
            result = compared(way, bench, large, often)
            result.faster("stock pynetdicom", factor)
            result.line()
            if way == "C-GET":
                if bench.tuned:
                    result.faster("DCMTK getscu", 0.5)
                result.memory(1.1)
            result.print(titled(way, bench, large))
            # 40 ms for each instance: a part says the same
            few = small if bench.tuned else small.first_series()
            result = compared(way, bench, few, often)
            if not bench.tuned:
                result.faster("stock pynetdicom", 8)
            result.print(titled(way, bench, few))


def wado(bench: Bench, sizes: Mapping[float, Stored], runs: int) -> None:
    """WADO-URI; `sizes` has what each is compared with curl for."""
    for goal, stored in sizes.items():
        job = bench.job(stored)
        ways = {
            "dicom_widgets, WADO-URI": partial(python, "WADO-URI", job),
            f"curl -Z --parallel-max {PARALLEL}": partial(curl, job),
            f"requests, {PARALLEL} threads": partial(python, "requests", job),
        }
        result = Result(measured(ways, len(stored.instances), runs), stored.nbytes)
        result.faster(f"curl -Z --parallel-max {PARALLEL}", goal)
        result.print(titled("WADO-URI", bench, stored))


def finds(bench: Bench, large: Stored, small: Stored, runs: int) -> None:
    job = bench.job(large)
    count = len(large.instances) + len(small.instances)
    ways = {
        "dicom_widgets, session.tree": partial(python, "tree", job),
        "DCMTK findscu": partial(findscu, job, (large, small)),
    }
    taken = measured(ways, count, runs)
    rows = [
        Row(name, [r.seconds * 1e3 for r in of_one], more=f"associations: {of_one[0].connections}")
        for name, of_one in taken.items()
    ]
    table(f"Query down to {count} instances of {bench.name}, TCP_NODELAY=1 on both sides", rows, DISTS)
    used = max(r.connections for r in taken["dicom_widgets, session.tree"])
    print(f"  {used} associations of ours; goal <= 1: {'met' if used <= 1 else 'MISSED'}", flush=True)


class Indexed(Dcmqrscp):
    """dcmqrscp with many files: they are indexed by one process instead of one for each."""

    def _index(self, sources: Any) -> list[Path]:
        sources = list(sources)
        copies = [str(shutil.copyfile(path, self._area / path.name)) for path in sources]
        for start in range(0, len(copies), 1000):
            program = tool("dcmqridx") or "dcmqridx"
            subprocess.run([program, str(self._area), *copies[start : start + 1000]], check=True, timeout=900)
        return sources


@contextlib.contextmanager
def benches(sources: Sequence[Path], *, tuned: Sequence[bool]) -> Iterator[list[Bench]]:
    """Start each peer with each environment."""
    listener = free_port()
    with contextlib.ExitStack() as stack:
        started = [
            Bench(
                name, stack.enter_context(start(sources, peers={TITLE: listener}, nodelay=nodelay)), listener, nodelay
            )
            for nodelay in tuned
            for name, start in (("Orthanc", Orthanc), ("dcmqrscp", Indexed))
        ]
        orthanc = started[0].peer.get("/system")["Version"]
        print(f"\nPeers and tools: Orthanc {orthanc}, {version('getscu')}, {version('curl')}")
        yield started


def version(name: str) -> str:
    done = subprocess.run([tool(name) or name, "--version"], capture_output=True, text=True, check=True, timeout=60)
    return " ".join(done.stdout.strip("$ ").split()[:3])


def main(large_count: int = 200, small_count: int = 1000, runs: int = RUNS, slow_runs: int = SLOW_RUNS) -> None:
    with tempfile.TemporaryDirectory() as folder:
        large = files(Path(folder), "large", large_count, tiles=4)
        small = files(Path(folder), "small", small_count, series=10)
        with benches(large.files + small.files, tuned=(True, False)) as every:
            transfers(every, large, small, runs, slow_runs)
            wado(every[0], {0.5: large, 0.8: small}, runs)
            for bench in every[:2]:
                finds(bench, large, small, runs)


def equal(count: int = 10_000) -> None:
    """Compare what we receive with what stock pynetdicom receives, byte by byte."""
    listener = free_port()
    with tempfile.TemporaryDirectory() as folder:
        for name, start, most in (("Orthanc", Orthanc, count), ("dcmqrscp", Indexed, INDEXED)):
            stored = files(Path(folder), name, min(count, most))
            with start(stored.files, peers={TITLE: listener}, nodelay=True) as peer:
                job = Bench(name, peer, listener, tuned=True).job(stored, digest=True)
                for way, stock in (("C-GET", "stock-get"), ("C-MOVE", "stock-move")):
                    mine, theirs = python(way, job), python(stock, job)
                    same = (mine.count, mine.digest) == (theirs.count, theirs.digest) and mine.count == len(
                        stored.files
                    )
                    verdict = "the same" if same else "DIFFERENT"
                    words = f"{mine.count} instances, {theirs.count} by stock pynetdicom"
                    print(f"{way} from {name}: {words}; UIDs and data sets {verdict}", flush=True)


if __name__ == "__main__":
    told = json.load(sys.stdin)
    print(json.dumps(asdict(INSIDE[sys.argv[1]](Job(**told)))))
