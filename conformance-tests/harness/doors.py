"""Doors to one server under several settings: who comes by a door finds the server as that door wants it.

A server has its data folder for itself, so settings are changed by stopping it and starting it again over the same data. The first
connection that comes by another door than the one before does that; connections are then handed through byte by byte.
"""

import socket
import threading


class Doors:
    """A server and its doors; `close` leaves the server to its owner."""

    def __init__(self, server):
        self.server, self.lock = server, threading.Lock()
        self.plain, self.open = dict(server.env), None
        self.listeners = []

    def door(self, **settings):
        """Opens a door; returns its address without `/v1`."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.listeners.append(listener)
        if self.open is None:
            self.open = settings
        threading.Thread(target=self._serve, args=(listener, settings), daemon=True).start()
        return f"http://localhost:{listener.getsockname()[1]}"

    def _serve(self, listener, settings):
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            with self.lock:
                self._change(settings)
                try:
                    inner = socket.create_connection(("127.0.0.1", self.server.port), timeout=30)
                except OSError:
                    caller.close()
                    continue
            inner.settimeout(None)
            for source, target in ((caller, inner), (inner, caller)):
                threading.Thread(target=_pour, args=(source, target), daemon=True).start()

    def _change(self, settings):
        if settings != self.open:
            self.server.stop()
            self.server.env = {**self.plain, **settings}
            self.server.start()
            self.open = settings

    def close(self):
        """Closes the doors."""
        for listener in self.listeners:
            listener.close()


def _pour(source, target):
    """Hands bytes on until one side ends, and ends the other."""
    try:
        while chunk := source.recv(65536):
            target.sendall(chunk)
    except OSError:
        pass
    for side in (source, target):
        try:
            side.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
    target.close()
