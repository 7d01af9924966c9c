"""Listening sockets, and who holds a port that cannot be had."""

from __future__ import annotations

import errno
import socket

from workbench.server.errors import PortInUse, StartFailed

__all__ = ["holder_of", "listen"]


_HOSTS = "127.0.0.1 serves programs on this machine, 0.0.0.0 whoever can reach it."
_STEPS = {
    errno.EADDRNOTAVAIL: f"The host is an address of this machine: {_HOSTS}",
    errno.EACCES: "Ports below 1024 are kept for the system: ask for a greater one.",
}
"""What to do about an error of the system."""


def listen(host: str, port: int) -> socket.socket:
    """Bind and listen; raises `PortInUse` or `StartFailed`."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise StartFailed(
            f"There is no address to listen on for the host {host!r}: {error.strerror}. {_HOSTS}"
        ) from None
    listener = socket.socket(family, kind, proto)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(host, port, holder_of(port)) from None
        step = _STEPS.get(error.errno or 0, "Ask for another host or port.")
        raise StartFailed(f"Cannot listen on {host}:{port}: {error.strerror}. {step}") from None
    return listener


def holder_of(port: int) -> str | None:
    """Say which process listens on a TCP port, "python3 (process 7)"; None where the system does not tell."""
    import psutil  # only needed when something is wrong

    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.pid
            if listens and getattr(connection.laddr, "port", None) == port:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except (psutil.Error, OSError):
        pass
    return None
