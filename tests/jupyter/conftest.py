"""A Jupyter server inside the test's own process, and one as a process of its own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_jupyter.jupyter_core import (  # noqa: F401 - fixtures
    echo_kernel_spec,
    jp_asyncio_loop,
    jp_config_dir,
    jp_data_dir,
    jp_env_config_path,
    jp_env_jupyter_path,
    jp_environ,
    jp_home_dir,
    jp_kernel_dir,
    jp_runtime_dir,
    jp_system_config_path,
    jp_system_jupyter_path,
    pytest_pycollect_makeitem,
    pytest_pyfunc_call,
)
from pytest_jupyter.jupyter_server import (  # noqa: F401 - fixtures
    jp_argv,
    jp_auth_header,
    jp_base_url,
    jp_configurable_serverapp,
    jp_fetch,
    jp_http_port,
    jp_logging_stream,
    jp_nbconvert_templates,
    jp_root_dir,
    jp_server_cleanup,
    jp_serverapp,
    jp_template_dir,
    jp_web_app,
    jp_ws_fetch,
)
from pytest_jupyter.pytest_tornasync import (  # noqa: F401 - fixtures
    http_server,
    http_server_client,
    http_server_port,
)
from websockets.asyncio.client import connect

from tests.jupyter.standin import StandIn
from workbench.discovery import Announcement

KERNEL = "11111111-2222-3333-4444-555555555555"


class FakeKernels:
    """The kernels of a Jupyter server, one of them alive; for tests that need none to run."""

    def __init__(self) -> None:
        self.alive = {KERNEL: "idle"}

    def __contains__(self, kernel: str) -> bool:
        return kernel in self.alive

    def state(self, kernel: str) -> str:
        """Return what the test said."""
        return self.alive.get(kernel, "dead")

    async def notebooks(self) -> dict[str, str]:
        """One notebook runs the one kernel."""
        return {KERNEL: "lessons/first.ipynb"}


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    """Turn the extension on, and Jupyter's strictest rule about who may ask; a busy machine has its time."""
    return {
        "Workbench": {"status_seconds": 20.0},
        "ServerApp": {
            "jpserver_extensions": {"workbench": True, "jupyter_server_terminals": False},
            "allow_unauthenticated_access": False,
        },
    }


@pytest.fixture
def kernels(jp_serverapp: Any) -> FakeKernels:  # noqa: F811
    """Put a made-up kernel into the server."""
    fake = FakeKernels()
    jp_serverapp.web_app.settings["workbench_servers"]._kernels = fake
    return fake


@pytest.fixture
def hook_server() -> Iterator[StandIn]:
    """Run a small hook server."""
    with StandIn() as server:
        yield server


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Hold a port on which nobody listens, and nobody else can meanwhile."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@pytest.fixture
def announce(jp_environ: None, hook_server: StandIn) -> Callable[..., str]:  # noqa: F811
    """Return a function that announces the hook server as a bench and returns its id."""
    del jp_environ  # it points the runtime directory away from the user's own

    def write(name: str = "chat", kernel: str = KERNEL, **facts: Any) -> str:
        announcement = Announcement(kernel, name)
        usual = {"dialect": "crossws", "host": "127.0.0.1", "port": hook_server.port, "url": ""}
        usual |= {"name": name, "token": hook_server.token, "state": "live", "reason": ""}
        announcement.write(**{**usual, **facts})
        return announcement.id

    return write


@pytest.fixture
def bench(announce: Callable[..., str], kernels: FakeKernels) -> str:
    """Announce the hook server in a living kernel; the value is its id."""
    del kernels
    return announce()


class Address:
    """Where the in-process Jupyter server answers, and how a browser or a program would ask it.

    Attributes
    ----------
    port, base_url, token
        Of the Jupyter server.
    """

    def __init__(self, port: int, base_url: str, token: str) -> None:
        self.port = port
        self.base_url = base_url
        self.token = token

    def path(self, server_id: str, path: str) -> str:
        """Return the proxied path of a bench's path."""
        return f"{self.base_url}workbench/servers/{server_id}{path}"

    def open(self, server_id: str, path: str, *, token: bool = True, **options: Any) -> connect:
        """Open a WebSocket through the proxy, as a program with the token unless told otherwise."""
        headers = dict(options.pop("headers", {}))
        if token:
            headers["Authorization"] = f"token {self.token}"
        return connect(
            f"ws://127.0.0.1:{self.port}{self.path(server_id, path)}",
            additional_headers=headers,
            proxy=None,
            compression=None,
            **{"max_size": None, "open_timeout": 10, **options},
        )

    async def raw(self, request: bytes) -> bytes:
        """Send bytes and read until the server closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        await writer.drain()
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer


@pytest.fixture
def jupyter(jp_serverapp: Any, http_server: Any, http_server_port: Any) -> Address:  # noqa: F811
    """Return the address of the in-process Jupyter server."""
    del http_server
    return Address(http_server_port[-1], jp_serverapp.base_url, jp_serverapp.identity_provider.token)
