"""A solver in a process of its own, which can be killed without hurting anybody.

A solver that was told to stop may go on for seconds. So it runs in a process, in a
session of its own (signals meant for the worker do not reach it), is kept warm
between calls, is killed when it should stop, and dies when its parent does: it
ends as soon as the pipe from there is closed, whatever it is doing.
"""

import os
import pickle
import subprocess
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection

from optimizer.programs import ASK_EVERY_S, Program, ShouldStop, Solved, solved

# What a process answers first, when everything is imported.
READY = b"ready"
# How long a killed process may take to be gone.
GONE_WITHIN_S = 5.0


class SolverProcess:
    """Solves programs in a child process; use it as a context, or close it.

    One program at a time: callers in several threads wait for each other.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def __enter__(self) -> "SolverProcess":
        self.warm()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The child's process id, None where there is none."""
        return self._child.pid if self._child is not None else None

    def warm(self) -> None:
        """Start the child now, so that it is ready when it is needed."""
        with self._lock:
            self._started()

    def solve(self, program: Program, should_stop: ShouldStop | None) -> Solved | None:
        """Return the answer, or None where it was stopped or the child has died.

        A child that was stopped is killed, and the next one is started at once.
        """
        with self._lock:
            child = self._started()
            try:
                child.ask(program)
                answer = child.answer(should_stop)
            except (EOFError, OSError):
                answer = None
            if answer is None:
                child.kill()
                self._child = None
                self._started()
            return answer

    def close(self) -> None:
        """End the child."""
        with self._lock:
            if self._child is not None:
                self._child.kill()
                self._child = None

    def _started(self) -> "_Child":
        if self._child is None:
            self._child = _Child()
        return self._child


class _Child:
    """One child process and the pipes to and from it."""

    def __init__(self) -> None:
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs_in), str(theirs_out)],
            pass_fds=(theirs_in, theirs_out),
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            # A solver's chatter is nobody's.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._to = Connection(ours_out, readable=False)
        self._from = Connection(ours_in, writable=False)
        self._ready = False
        self.pid = self._process.pid

    def ask(self, program: Program) -> None:
        self._to.send_bytes(pickle.dumps(program))

    def answer(self, should_stop: ShouldStop | None) -> Solved | None:
        """Wait for the answer; None once the caller wants to stop."""
        while True:
            while not self._from.poll(ASK_EVERY_S):
                if should_stop is not None and should_stop():
                    return None
            told = self._from.recv_bytes()
            if self._ready:
                answer = pickle.loads(told)
                assert isinstance(answer, Solved)
                return answer
            self._ready = told == READY

    def kill(self) -> None:
        self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(GONE_WITHIN_S)
        self._to.close()
        self._from.close()


def main(argv: list[str]) -> None:
    """Solve what comes in by one pipe, tell it by the other, until the first ends."""
    asked = Connection(int(argv[0]), writable=False)
    told = Connection(int(argv[1]), readable=False)
    told.send_bytes(READY)
    programs: list[Program] = []
    more = threading.Semaphore(0)

    def read() -> None:
        while True:
            try:
                programs.append(pickle.loads(asked.recv_bytes()))
            except EOFError:
                # The parent is gone; the solver is not asked.
                os._exit(0)
            more.release()

    threading.Thread(target=read, daemon=True).start()
    while True:
        more.acquire()
        told.send_bytes(pickle.dumps(solved(programs.pop(0))))


if __name__ == "__main__":
    main(sys.argv[1:])
