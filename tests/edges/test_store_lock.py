"""The lock on the state directory, and the turns of threads that write."""

import errno
import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from maildesk.errors import TemporaryError
from maildesk.store.database import lock_state
from maildesk.store.turns import Turns

_HOLD = """
import sys
from pathlib import Path
from maildesk.store.database import lock_state
lock = lock_state(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def _holder(directory: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, directory], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_start_names_the_holder(tmp_path: Path) -> None:
    with _holder(tmp_path / "state") as process:
        with pytest.raises(TemporaryError, match=rf"another maildesk \(pid {process.pid}\)"):
            lock_state(tmp_path / "state")
        process.kill()
    with lock_state(tmp_path / "state"):
        assert (tmp_path / "state" / "lock").read_text() == f"{os.getpid()}\n"


def test_the_lock_is_released_on_close(tmp_path: Path) -> None:
    lock = lock_state(tmp_path)
    with pytest.raises(TemporaryError, match=f"pid {os.getpid()}"):
        lock_state(tmp_path)
    lock.close()
    lock.close()
    lock_state(tmp_path).close()


def test_a_child_does_not_keep_the_lock(tmp_path: Path) -> None:
    lock = lock_state(tmp_path)
    with subprocess.Popen(["sleep", "30"]) as child:
        lock.close()
        lock_state(tmp_path).close()
        child.kill()


def test_a_directory_that_cannot_be_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TemporaryError, match=r"cannot open .*lock: Not a directory"):
        lock_state(tmp_path / "file" / "state")


def test_a_file_system_that_cannot_lock_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(TemporaryError, match=r"cannot lock .*lock: No locks available"):
        lock_state(tmp_path)


def test_threads_write_in_the_order_they_asked() -> None:
    turns, order, asked = Turns(), list[int](), threading.Semaphore(0)

    def write(place: int) -> None:
        asked.release()
        with turns.turn(10):
            order.append(place)

    threads = [threading.Thread(target=write, args=(place,)) for place in range(5)]
    with turns.turn(10):
        for place, thread in enumerate(threads):
            thread.start()
            asked.acquire()
            while len(turns._waiting) <= place:  # it has asked; now it must stand in the queue
                pass
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_a_turn_that_does_not_come_is_temporary_and_leaves_the_queue() -> None:
    turns, failures = Turns(), list[str]()

    def impatient() -> None:
        try:
            with turns.turn(0.01):
                pass
        except TemporaryError as error:
            failures.append(str(error))

    with turns.turn(1):
        thread = threading.Thread(target=impatient)
        thread.start()
        thread.join()
    assert failures == ["the database was busy for 0.01 s"]
    with turns.turn(1):
        pass


def test_a_transaction_inside_a_transaction_is_a_fault_and_not_a_dead_lock() -> None:
    turns = Turns()
    with turns.turn(1), pytest.raises(RuntimeError, match="inside a transaction"), turns.turn(1):
        pass
