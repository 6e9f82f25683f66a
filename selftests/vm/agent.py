# SPDX-License-Identifier: GPL-2.0-or-later
"""The host's end of the agent's channel; selftests/guest/agent.c describes the frames."""
import struct
import threading

REQUEST = struct.Struct("<IIQQ")
ANSWER = struct.Struct("<IiQ")
TIMED_OUT = -1


class AgentGone(Exception):
    """The channel closed: QEMU has ended."""


class CommandTimeout(Exception):
    """A command was still running at its timeout; it was killed. The text has its output."""


class Pending:
    """A command that was started and not yet waited for."""

    def __init__(self, command):
        self.command = command
        self.done = threading.Event()
        self.status = None
        self.output = b""

    def finished(self):
        return self.done.is_set()

    def wait_bytes(self, timeout=None):
        if not self.done.wait(timeout):
            raise CommandTimeout(f"no answer to: {self.command}")
        if self.status is None:
            raise AgentGone(self.command)
        if self.status == TIMED_OUT:
            raise CommandTimeout(f"{self.command}\n{self.output.decode(errors='replace')}")
        return self.status, self.output

    def wait(self, timeout=None):
        """(exit status, output) once the command has ended."""
        status, output = self.wait_bytes(timeout)
        return status, output.decode(errors="replace")


class Agent:
    """Sends requests; a thread hands each answer to the request it belongs to."""

    def __init__(self, sock):
        self.sock = sock
        self.lock = threading.Lock()
        self.pending = {}
        self.next_id = 1
        self.gone = False
        threading.Thread(target=self._read, daemon=True).start()

    def start(self, command, stdin=b"", timeout=0):
        """TIMEOUT in seconds, 0 for none; the guest kills what outlives it."""
        request = Pending(command)
        text = command.encode()
        with self.lock:
            number, self.next_id = self.next_id, self.next_id + 1
            self.pending[number] = request
            head = REQUEST.pack(number, len(text), len(stdin), int(timeout * 1000))
            try:
                self.sock.sendall(head + text + stdin)
            except OSError:
                self.gone = True
        if self.gone:
            self._fail_all()
        return request

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
