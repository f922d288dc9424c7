"""How a process that Touchstone runs speaks with its worker. Python 3.8 and later, standard library alone.

A message is a JSON header and raw bytes: length of all that follows (u32, little-endian), length of the header (u32), header, body. It travels over
descriptor 4, a socket whose other end the worker holds: standard output stays free for what the code prints, and when the worker is gone, however that
came about, reading ends and so does this process.
"""

import json
import socket
import struct
import sys
import threading

DESCRIPTOR = 4


class Channel:
    def __init__(self, descriptor=DESCRIPTOR):
        self._socket = socket.socket(fileno=descriptor)
        # Made by the worker for its own event loop; here nothing else waits while this does.
        self._socket.setblocking(True)
        self._reader = self._socket.makefile("rb", buffering=1 << 16)
        self._lock = threading.Lock()

    def read(self):
        """The next message as (header, body); None when the worker has gone or wants this process to end."""
        prefix = self._reader.read(8)
        if len(prefix) < 8:
            return None
        total, size = struct.unpack("<II", prefix)
        rest = self._reader.read(total - 4)
        if len(rest) < total - 4:
            return None
        return json.loads(rest[:size]), memoryview(rest)[size:]

    def send(self, header, *body):
        """Sends a message. Raises ValueError for a header that JSON cannot carry, such as one with NaN in it."""
        text = json.dumps(header, allow_nan=False, separators=(",", ":")).encode()
        size = sum(len(part) for part in body)
        prefix = struct.pack("<II", 4 + len(text) + size, len(text))
        with self._lock:
            self._socket.sendall(b"".join([prefix, text, *body]))

    def fail(self, error):
        """Says that this process cannot do its work, and why."""
        self.send({"kind": "failed", "error": describe(error)})


def describe(error):
    """An exception in one line, as Python shows it last."""
    text = str(error).strip()
    kind = type(error).__name__
    return f"{kind}: {text}"[:2000] if text else kind


def flush():
    """Brings what was printed into the log now."""
    sys.stdout.flush()
    sys.stderr.flush()
