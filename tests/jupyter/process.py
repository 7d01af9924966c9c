"""A real Jupyter server as a process of its own, with its own folders, token and port."""

from __future__ import annotations

__all__ = ["JupyterProcess"]

import contextlib
import http.client
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import psutil
from jupyter_client.blocking.client import BlockingKernelClient
from websockets.sync.client import ClientConnection, connect

from workbench.testing import free_port

_START_SECONDS = 40


class JupyterProcess:
    """Start it with ``with``; nothing of the user's own Jupyter is read or written.

    Parameters
    ----------
    folder
        An empty folder for everything.
    application
        ``server`` or ``lab``.
    options
        Further command-line options.
    base_url
        As the browser sees it.

    Attributes
    ----------
    root
        Folder of the notebooks.
    runtime
        The Jupyter runtime directory.
    """

    def __init__(
        self, folder: Path, application: str = "server", options: tuple[str, ...] = (), base_url: str = "/"
    ) -> None:
        self.port = free_port()
        self.token = secrets.token_hex(16)
        self.base_url = base_url
        self.root = folder / "root"
        self.runtime = folder / "runtime"
        self.log = folder / "jupyter.log"
        self._folder = folder
        self._application = application
        self._options = options
        self._ending = ThreadPoolExecutor(1)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Address of the server, with the base URL and a slash at the end."""
        return f"http://127.0.0.1:{self.port}{self.base_url}"

    def __enter__(self) -> Self:
        for name in ("root", "runtime", "config", "data", "ipython", "home"):
            (self._folder / name).mkdir(exist_ok=True)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self._command(), cwd=self.root, env=self._environment(), stdout=log, stderr=log
            )
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process is not None
        self._ending.shutdown()
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for child in psutil.wait_procs(children, timeout=5)[1]:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()

    def _command(self) -> list[str]:
        fixed = {
            "ServerApp.port": self.port,
            "ServerApp.port_retries": 0,
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.open_browser": False,
            "ServerApp.root_dir": self.root,
            "ServerApp.base_url": self.base_url,
            "ServerApp.allow_unauthenticated_access": False,
            "ServerApp.jpserver_extensions": "{'workbench': True}",
            "IdentityProvider.token": self.token,
        }
        options = [f"--{name}={value}" for name, value in fixed.items()]
        return [sys.executable, "-m", "jupyter", self._application, "--allow-root", *options, *self._options]

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
        own = {
            "HOME": "home",
            "IPYTHONDIR": "ipython",
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
        }
        folders = {name: str(self._folder / part) for name, part in own.items()}
        return {
            **inherited,
            **folders,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }

    def _wait(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError):
                if self.request("GET", "api/status")[0] == 200:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"Jupyter did not start:\n{self.log.read_text()}")

    @property
    def memory(self) -> int:
        """Resident memory of the Jupyter server alone, in bytes."""
        assert self.process is not None
        return int(psutil.Process(self.process.pid).memory_info().rss)

    def request(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], Any]:
        """Ask the server, with the token unless the headers say something else about authorization.

        Parameters
        ----------
        method, path
            The path below the base URL.
        body
            Bytes, or anything that becomes JSON.
        headers
            Further headers; an empty ``Authorization`` sends none.

        Returns
        -------
        (int, dict, object)
            Status, headers, and the body: parsed where it is JSON, else as text.
        """
        sent = {"Authorization": f"token {self.token}", **(headers or {})}
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, self.base_url + path, data, {k: v for k, v in sent.items() if v})
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        kind = answer.headers.get("Content-Type", "")
        text = content.decode("utf-8", "replace")
        return answer.status, dict(answer.headers), json.loads(text) if "json" in kind and text else text

    def open(self, path: str, *, token: bool = True, **options: Any) -> ClientConnection:
        """Open a WebSocket to a path below the base URL."""
        headers = dict(options.pop("headers", {}))
        if token:
            headers["Authorization"] = f"token {self.token}"
        usual = {"max_size": None, "open_timeout": 20, "compression": None, "proxy": None}
        address = f"ws://127.0.0.1:{self.port}{self.base_url}{path}"
        arguments: dict[str, Any] = {**usual, **options}
        connection: ClientConnection = connect(address, additional_headers=headers, **arguments)
        return connection

    def start_kernel(self) -> str:
        """Start a Python kernel; return its id. It may not answer yet: `run` waits."""
        return str(self.request("POST", "api/kernels", {"name": "python3"})[2]["id"])

    def start_session(self, notebook: str) -> None:
        """Start the kernel of a notebook, where a page that opens the notebook finds it."""
        body = {"path": notebook, "name": notebook, "type": "notebook", "kernel": {"name": "python3"}}
        status, _, answer = self.request("POST", "api/sessions", body)
        assert status == 201, answer

    def end_kernel(self, kernel: str) -> None:
        """Shut a kernel down, without waiting for its end."""
        self._ending.submit(self.request, "DELETE", f"api/kernels/{kernel}")

    @contextlib.contextmanager
    def client(self, kernel: str) -> Iterator[BlockingKernelClient]:
        """Connect to a kernel beside Jupyter, to run cells in it."""
        client = BlockingKernelClient(connection_file=str(self.runtime / f"kernel-{quote(kernel)}.json"))
        client.load_connection_file()
        client.start_channels(hb=False)
        monkey: Any = client
        monkey.is_alive = lambda: True  # a young kernel does not beat yet, and is not dead for that
        try:
            client.wait_for_ready(timeout=30)
            yield client
        finally:
            client.stop_channels()

    def run(self, kernel: str, code: str) -> str:
        """Run a cell and return what it printed; an error fails the test."""
        printed: list[str] = []

        def note(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        with self.client(kernel) as client:
            reply = client.execute_interactive(code, timeout=60, output_hook=note)
        assert reply["content"]["status"] == "ok", reply["content"]
        return "".join(printed)
