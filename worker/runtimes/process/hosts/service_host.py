"""Runs a customised service that is written in Python. Argument: the service's file. It defines INPUT and OUTPUT, which are JSON Schemas, and
handle(request, context).

Requests are answered by a few threads, because a service that asks an endpoint waits for it. What they share is the file's own business.
"""

import importlib.util
import json
import os
import queue
import sys
import threading
import traceback

from touchstone_channel import Channel, describe, flush

THREADS = 8


class Refusal(Exception):
    """An answer that tells the caller what is wrong with the request."""

    def __init__(self, message, status=400):
        super().__init__(message)
        if not 400 <= status <= 499:
            raise ValueError(f"a refusal has a status from 400 to 499, not {status}")
        self.status = status


class Calls:
    """Questions to the worker that wait for their answers."""

    def __init__(self, channel):
        self._channel = channel
        self._lock = threading.Lock()
        self._waiting = {}
        self._last = 0

    def ask(self, method, params):
        box = queue.Queue(1)
        with self._lock:
            self._last += 1
            number = self._last
            self._waiting[number] = box
        self._channel.send({"kind": "call", "call": number, "method": method, "params": params})
        answer = box.get()
        if answer.get("error") is not None:
            raise RuntimeError(answer["error"])
        return answer.get("value")

    def answered(self, header):
        with self._lock:
            box = self._waiting.pop(header["call"], None)
        if box is not None:
            box.put(header)


class Context:
    """What a request comes with: its id, and the endpoints of the project."""

    def __init__(self, calls, facts):
        self._calls = calls
        self.request_id = facts["requestId"]
        self.service = facts["service"]
        self.publication = facts["publication"]

    def predict(self, endpoint, rows):
        """Asks an endpoint of this project: one row (a dict of features) or a list of them. Gives one prediction, or a list."""
        single = isinstance(rows, dict)
        predictions = self._calls.ask(
            "predict", {"endpoint": endpoint, "rows": [rows] if single else list(rows), "requestId": self.request_id}
        )
        return predictions[0] if single else predictions

    @staticmethod
    def refuse(message, status=400):
        """An exception to raise: the caller gets the message with this status."""
        return Refusal(message, status)


def load(path):
    """The module of the file, with the folders above it importable as a person in the repository would have them."""
    root = os.getcwd()
    sys.path[:0] = [root, os.path.dirname(path)]
    spec = importlib.util.spec_from_file_location("touchstone_service", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["touchstone_service"] = module
    spec.loader.exec_module(module)
    for name in ("INPUT", "OUTPUT"):
        if not isinstance(getattr(module, name, None), dict):
            raise TypeError(f"{os.path.basename(path)} defines no {name}: a JSON Schema as a dict")
    if not callable(getattr(module, "handle", None)):
        raise TypeError(f"{os.path.basename(path)} defines no function handle(request, context)")
    return module


def work(channel, calls, module, todo):
    while True:
        header = todo.get()
        try:
            value = module.handle(header["request"], Context(calls, header["context"]))
            channel.send({"kind": "answer", "id": header["id"], "value": value})
        except Refusal as refusal:
            channel.send({"kind": "answer", "id": header["id"], "refused": str(refusal), "status": refusal.status})
        except Exception as error:
            traceback.print_exc()
            channel.send({"kind": "error", "id": header["id"], "error": describe(error)})
        flush()


def main():
    channel = Channel()
    try:
        module = load(sys.argv[1])
        json.dumps([module.INPUT, module.OUTPUT], allow_nan=False)
    except BaseException as error:  # whatever it was, somebody has to be told why it does not start
        traceback.print_exc()
        flush()
        channel.fail(error)
        return 1
    calls = Calls(channel)
    todo = queue.SimpleQueue()
    for _ in range(THREADS):
        threading.Thread(target=work, args=(channel, calls, module, todo), daemon=True).start()
    channel.send({"kind": "ready", "input": module.INPUT, "output": module.OUTPUT, "python": sys.version.split()[0]})
    while True:
        message = channel.read()
        if message is None:
            flush()
            # Threads that are still at work have nobody left to answer.
            os._exit(0)
        header, _ = message
        if header["act"] == "result":
            calls.answered(header)
        else:
            todo.put(header)


if __name__ == "__main__":
    sys.exit(main())
