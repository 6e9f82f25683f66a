# SPDX-License-Identifier: GPL-2.0-or-later
"""The host's end of the agent's channel; selftests/guest/agent.c describes the frames."""
import struct
import threading

REQUEST = struct.Struct("<IIQ")
ANSWER = struct.Struct("<IiQ")
KILLED = -1
# A command that is killed has that long to be gone.
KILL_SECONDS = 30


class AgentGone(Exception):
    """The channel closed: QEMU has ended."""


class CommandTimeout(Exception):
    """A command was still running at its timeout; it was killed. The text has its output."""


class Pending:
    """A command that was started and not yet waited for."""

    def __init__(self, agent, number, command):
        self.agent, self.number, self.command = agent, number, command
        self.done = threading.Event()
        self.status = None
        self.output = b""

    def finished(self):
        return self.done.is_set()

    def wait_bytes(self, timeout=None):
        """(exit status, output) once the command has ended. TIMEOUT is in seconds of an idle machine."""
        if timeout is not None and not self._ends_within(timeout):
            self.agent.kill(self)
            self.done.wait(KILL_SECONDS)
            raise CommandTimeout(f"{self.command}\n{self.output.decode(errors='replace')}")
        self.done.wait()
        if self.status is None:
            raise AgentGone(self.command)
        return self.status, self.output

    def _ends_within(self, timeout):
        limit = self.agent.limit(timeout)
        while not self.done.wait(limit.left()):
            if limit.is_over():
                return False
        return True

    def wait(self, timeout=None):
        """(exit status, output) once the command has ended."""
        status, output = self.wait_bytes(timeout)
        return status, output.decode(errors="replace")


class Agent:
    """Sends requests; a thread hands each answer to the request it belongs to. LIMIT(seconds) makes a time limit."""

    def __init__(self, sock, limit):
        self.sock, self.limit = sock, limit
        self.lock = threading.Lock()
        self.pending = {}
        self.next_id = 1
        self.gone = False
        threading.Thread(target=self._read, daemon=True).start()

    def start(self, command, stdin=b""):
        with self.lock:
            number, self.next_id = self.next_id, self.next_id + 1
            request = self.pending[number] = Pending(self, number, command)
            self._send(number, command.encode(), stdin)
        if self.gone:
            self._fail_all()
        return request

    def kill(self, request):
        """Ends what REQUEST has started, group and all; it is answered with the output until then."""
        with self.lock:
            self._send(request.number, b"", b"")

    def _send(self, number, command, stdin):
        try:
            self.sock.sendall(REQUEST.pack(number, len(command), len(stdin)) + command + stdin)
        except OSError:
            self.gone = True

    def _read(self):
        try:
            with self.sock.makefile("rb") as stream:
                while self._take(stream):
                    pass
        except OSError:
            pass
        self._fail_all()

    def _take(self, stream):
        head = stream.read(ANSWER.size)
        if len(head) < ANSWER.size:
            return False
        number, status, length = ANSWER.unpack(head)
        output = stream.read(length)
        if len(output) < length:
            return False
        with self.lock:
            request = self.pending.pop(number)
        request.status, request.output = status, output
        request.done.set()
        return True

    def _fail_all(self):
        with self.lock:
            self.gone = True
            left, self.pending = self.pending, {}
        for request in left.values():
            request.done.set()
