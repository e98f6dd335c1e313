"""Ray is asked for by name, and imported by nobody else; what it needs and is told, with a Ray of ours."""

import os
import signal
import socket
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from brainlake.engines import ray_cluster
from brainlake.engines.ray_cluster import RETRIES, engine_named
from brainlake.engines.unit import Unit
from brainlake.errors import BrainlakeError
from brainlake.version import __version__


class LostError(Exception):
    pass


class UnpackError(ZeroDivisionError):
    """As Ray has it: the error of a task whose cause is one of the system."""


class Cluster:
    """Does what is asked at once; keeps what it was told."""

    exceptions = SimpleNamespace(RayError=LostError, RayTaskError=ZeroDivisionError, RaySystemError=UnpackError)

    def __init__(self, running=True):
        self.running, self.told, self.cancelled, self.up = running, [], [], False

    def init(self, address, **options):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if address != "local" and not self.running:
            raise ConnectionError("nobody answers")
        self.up, self.address, self.started = True, address, options

    def shutdown(self):
        self.up = False

    def nodes(self):
        return [
            {"Alive": True, "Resources": {"CPU": 2.0, "memory": 4.0 * (1 << 30)}},
            {"Alive": False, "Resources": {"CPU": 64.0, "GPU": 8.0, "memory": 512.0 * (1 << 30)}},
        ]

    def remote(self, function):
        def options(**told):
            self.told.append(told)
            return SimpleNamespace(remote=lambda *given: (len(self.told), function, given))

        return SimpleNamespace(options=options)

    def wait(self, references, timeout, fetch_local):
        return (references[:1], references[1:]) if timeout else ([], references)

    def get(self, reference):
        _, function, given = reference
        return function(*given)

    def cancel(self, reference, force):
        self.cancelled.append(reference)


@pytest.fixture
def cluster(monkeypatch):
    found = Cluster()
    monkeypatch.setattr(ray_cluster, "import_module", lambda _: found)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    for name in ray_cluster.SETTINGS:
        monkeypatch.setenv(name, "as the user has it")
    return found


def lose():
    raise LostError


def refuse():
    raise BrainlakeError("cannot")


def lack():
    raise UnpackError("System error: traceback\n  ModuleNotFoundError: No module named 'brainlake'\n")


def full():
    raise OSError("No space left on device")


def test_units_carry_what_they_need_and_errors_come_back(cluster):
    units = [
        Unit("a", lambda: 1, cpus=2, memory_bytes=1 << 30),
        Unit("b", refuse),
        Unit("c", full),
        Unit("d", lose),
        Unit("f", lack),
        Unit("e", lambda: 5, gpus=0.5),
    ]
    with engine_named("ray") as run:
        outcomes = {outcome.unit.title: outcome for outcome in run(units) if outcome is not None}
    assert not cluster.up
    assert outcomes["a"].taken() == 1
    assert str(outcomes["b"].error) == "cannot"
    assert str(outcomes["c"].error) == "No space left on device"
    assert str(outcomes["d"].error) == f"d: whoever did it was lost, {RETRIES + 1} times (LostError)"
    assert "could not begin it (ModuleNotFoundError: No module named 'brainlake'); it needs" in str(outcomes["f"].error)
    assert str(outcomes["e"].error) == "e needs 1 processors, 0.5 GPUs and 0.0 GB at once: no machine has that"
    first = {"num_cpus": 2, "num_gpus": 0, "memory": 1 << 30, "max_retries": RETRIES, "name": "a"}
    assert [told["name"] for told in cluster.told] == list("abcdf")
    assert cluster.told[0] == first


def test_it_says_that_it_waits_and_takes_back_what_is_not_wanted(cluster):
    with engine_named("ray") as run:
        events = run([Unit(name, lambda: 0) for name in "abc"])
        assert next(events).unit.title == "a"
        assert next(events) is None
        events.close()
    assert [reference[0] for reference in cluster.cancelled] == [2, 3]


def test_a_worker_of_another_version_does_not_begin(cluster, monkeypatch):
    with engine_named("ray") as run:
        outcomes = run([Unit("a", lambda: 1)])
        cluster.get = lambda reference: reference[1](reference[2][0], "0.0.9")
        error = str(next(outcomes).error)
    assert error.endswith(f"has brainlake {__version__}, and 0.0.9 asks: install the same on both")


def test_the_last_machine_that_could_do_it_has_gone(cluster, monkeypatch):
    monkeypatch.setattr(ray_cluster, "GRACE_SECONDS", 0.0)
    cluster.wait = lambda references, timeout, fetch_local: ([], references)
    with engine_named("ray") as run:
        outcomes = run([Unit("a", lambda: 1), Unit("b", lambda: 2)])
        assert next(outcomes) is None
        cluster.nodes = list
        errors = [str(outcome.error) for outcome in outcomes]
    assert errors == [f"{name} needs 1 processors and 0.0 GB at once: no machine has that" for name in "ab"]
    assert [reference[0] for reference in cluster.cancelled] == [1, 2]


def test_a_fault_of_ours_is_shown_as_it_is(cluster):
    with pytest.raises(ZeroDivisionError), engine_named("ray") as run:
        list(run([Unit("a", lambda: 1 // 0)]))
    assert not cluster.up


def test_ray_says_nothing_among_results(cluster, capsys):
    """Its thread of this name prints, in colours, whatever became of workers."""
    with engine_named("ray"):
        loud = threading.Thread(
            target=print, args=["(raylet) Task failed due to oom"], name="ray_listen_error_messages"
        )
        loud.start()
        loud.join()
        print("a result", flush=True)
    print("another")
    assert capsys.readouterr().out == "a result\nanother\n"


def test_signals_stay_ours_and_settings_the_user_s(cluster, monkeypatch):
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setenv("RAY_ADDRESS", "auto")
    with engine_named("ray"):
        assert signal.getsignal(signal.SIGTERM) is before
        assert cluster.address == "auto"
        assert os.environ["RAY_USAGE_STATS_ENABLED"] == "as the user has it"


def test_a_cluster_of_its_own_unless_one_is_named(cluster, monkeypatch):
    with engine_named("ray"):
        assert cluster.address == "local"  # whatever runs here already: it may be somebody else's
        assert cluster.started["include_dashboard"] is False


@pytest.mark.parametrize("listens", [True, False])
def test_where_there_is_no_cluster_one_sentence_says_so_at_once(listens, cluster, monkeypatch):
    """Ray tries to reach an address for over six minutes, and warns of each try."""
    cluster.running = False
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        if not listens:
            server.close()
        monkeypatch.setenv("RAY_ADDRESS", address)
        said = "nobody answers" if listens else "Connection refused"
        with (
            pytest.raises(BrainlakeError, match=rf"no Ray cluster at RAY_ADDRESS={address}.*{said}"),
            engine_named("ray"),
        ):
            pass


@pytest.mark.parametrize("address", ["auto", "ray://head:10001", "local"])
def test_addresses_of_other_kinds_are_for_ray_to_read(address, cluster, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", address)
    with engine_named("ray"):
        assert cluster.address == address


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch):
    def none(name):
        raise ImportError(name)

    monkeypatch.setattr(ray_cluster, "import_module", none)
    with pytest.raises(BrainlakeError, match=r'needs Ray: pip install "brainlake\[distributed\]"'), engine_named("ray"):
        pass
    with engine_named("local") as run:
        assert next(run([Unit("a", lambda: 1)])).taken() == 1


def test_nobody_imports_ray_unasked():
    code = (
        "import sys, brainlake.cli as c, brainlake.engines.ray_cluster; [load() for load in c.COMMANDS.values()]; "
        "sys.exit('ray' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
