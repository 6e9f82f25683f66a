# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU's machine protocol: one command at a time, events kept until somebody asks."""
import json
import threading


class QmpError(Exception):
    """QEMU refused a command; the text is its own."""


class Qmp:
    """Speaks over a connected socket. A thread reads, so that no event is missed. LIMIT(seconds) makes a time limit."""

    def __init__(self, sock, limit):
        self.sock, self.limit = sock, limit
        self.changed = threading.Condition()
        self.command_lock = threading.Lock()
        self.replies = []
        self.events = []
        self.greeted = False
        self.closed = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            with self.sock.makefile("r", encoding="utf-8") as lines:
                for line in lines:
                    self._take(json.loads(line))
        except (OSError, ValueError):
            pass
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def _take(self, message):
        with self.changed:
            if "event" in message:
                self.events.append(message)
            elif "QMP" in message:
                self.greeted = True
            else:
                self.replies.append(message)
            self.changed.notify_all()

    def _wait(self, condition, timeout, what):
        limit = self.limit(timeout)
        with self.changed:
            while not self.changed.wait_for(lambda: condition() or self.closed, limit.left()) and not limit.is_over():
                pass
            if not condition():
                raise QmpError(f"QEMU {'is gone' if self.closed else 'is silent'}: {what}")

    def start(self, timeout=30):
        self._wait(lambda: self.greeted, timeout, "greeting")
        self.execute("qmp_capabilities")

    def execute(self, command, timeout=30, **arguments):
        """Runs COMMAND; underscores in argument names become QMP's hyphens."""
        arguments = {k.replace("_", "-"): v for k, v in arguments.items()}
        return self.send({"execute": command, "arguments": arguments}, timeout)

    def send(self, message, timeout=30):
        """Sends MESSAGE as it is and returns QEMU's "return"."""
        with self.command_lock:
            try:
                self.sock.sendall(json.dumps(message).encode())
            except OSError as error:
                raise QmpError(f"QEMU is gone: {message['execute']}") from error
            self._wait(lambda: self.replies, timeout, message["execute"])
            reply = self.replies.pop(0)
        if "error" in reply:
            raise QmpError(f"{message['execute']}: {reply['error']['desc']}")
        return reply["return"]

    def wait_event(self, name, timeout=30, match=lambda data: True):
        """The data of the first event NAME that MATCHes, come or still to come; it is then spent."""
        def find():
            return next((e for e in self.events
                         if e["event"] == name and match(e.get("data", {}))), None)
        self._wait(find, timeout, f"event {name}")
        with self.changed:
            event = find()
            self.events.remove(event)
        return event.get("data", {})

    def seen(self, name):
        """The data of every unspent event NAME."""
        with self.changed:
            return [e.get("data", {}) for e in self.events if e["event"] == name]

