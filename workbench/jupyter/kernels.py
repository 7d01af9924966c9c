"""The kernels of a Jupyter server as far as benches need them: who is there, who is busy, one expression."""

from __future__ import annotations

__all__ = ["KernelGone", "KernelRefused", "Kernels"]

import ast
import asyncio
import contextlib
import queue
import uuid
from collections.abc import AsyncIterator
from typing import Any

from jupyter_server.utils import ensure_async

from workbench.jupyter.errors import Conflict, ServerNotFound

_LOOK_SECONDS = 1.0
_SUBSHELL_SECONDS = 2.0


class KernelGone(ServerNotFound):
    """The kernel ended or was restarted while it was waited for."""


class KernelRefused(Conflict):
    """The kernel could not evaluate what it was asked.

    Attributes
    ----------
    error
        Name of the exception's class inside the kernel.
    """

    def __init__(self, sentence: str, error: str) -> None:
        super().__init__(sentence)
        self.error = error


class Kernels:
    """A narrow view of Jupyter's managers.

    Parameters
    ----------
    kernels, sessions, contents
        The Jupyter server's kernel, session and contents managers.
    remote
        Whether kernels run behind a gateway on another machine, where no proxy of ours reaches.
    """

    def __init__(self, kernels: Any, sessions: Any, contents: Any, *, remote: bool = False) -> None:
        self._kernels = kernels
        self._sessions = sessions
        self._contents = contents
        self._remote = remote

    def __contains__(self, kernel: str) -> bool:
        return not self._remote and kernel in self._kernels

    def state(self, kernel: str) -> str:
        """Return Jupyter's word for what the kernel does: ``idle``, ``busy``, ... or ``unknown``."""
        if kernel not in self:
            return "dead"
        return str(getattr(self._kernels.get_kernel(kernel), "execution_state", None) or "unknown")

    async def notebooks(self) -> dict[str, str]:
        """Map kernel ids to the path of the notebook that each runs."""
        sessions = await ensure_async(self._sessions.list_sessions())
        return {session["kernel"]["id"]: session["path"] for session in sessions if session.get("kernel")}

    async def of_notebook(self, path: str) -> tuple[str, bool]:
        """Return the kernel of a notebook, started if it has none, and whether it is new.

        Raises
        ------
        ServerNotFound
            No such notebook.
        """
        running = {name: kernel for kernel, name in (await self.notebooks()).items()}
        if path in running:
            return running[path], False
        if not await ensure_async(self._contents.file_exists(path)):
            raise ServerNotFound(f"There is no notebook {path!r} on this Jupyter server.")
        self._require_local()
        name = path.rpartition("/")[2]
        session = await ensure_async(self._sessions.create_session(path=path, name=name, type="notebook"))
        return str(session["kernel"]["id"]), True

    async def new(self) -> str:
        """Start a kernel without a notebook, of the server's default kind; returns its id."""
        self._require_local()
        return str(await ensure_async(self._kernels.start_kernel()))

    async def shut_down(self, kernel: str) -> None:
        """End a kernel; one that is gone already is fine."""
        with contextlib.suppress(KeyError):
            await ensure_async(self._kernels.shutdown_kernel(kernel, now=True))

    def require_python(self, kernel: str) -> None:
        """Refuse what cannot hold a bench.

        Raises
        ------
        ServerNotFound
            No such kernel here.
        Conflict
            It speaks another language than Python.
        """
        self._require_local()
        if kernel not in self:
            raise ServerNotFound("That kernel is not running on this Jupyter server; start it first.")
        specification = getattr(self._kernels.get_kernel(kernel), "kernel_spec", None)
        language = str(getattr(specification, "language", "") or "python").lower()
        if language != "python":
            raise Conflict(f"A bench needs a Python kernel, and this one runs {language}; choose another.")

    def _require_local(self) -> None:
        if self._remote:
            raise Conflict(
                "Kernels run behind a gateway on another machine; benches there cannot be reached from here."
            )

    async def evaluate(self, kernel: str, expression: str, *, beside_cells: bool) -> Any:
        """Evaluate a Python expression in a kernel, without a trace in its history.

        Waits for the running cell as long as it takes; the caller limits that.

        Parameters
        ----------
        kernel
            Its id; must be one of ours.
        expression
            Source text whose value is a plain literal. Never made from unchecked text.
        beside_cells
            Use a subshell of the kernel, so that a running cell is not waited for; where the kernel has none,
            it is the queue all the same.

        Raises
        ------
        KernelGone
            The kernel ended meanwhile.
        KernelRefused
            The expression raised.
        """
        async with _connected(self._kernels.get_kernel(kernel)) as line:
            subshell = await line.subshell() if beside_cells else None
            try:
                reply = await line.execute(expression, subshell, alive=self._lives(kernel))
            finally:
                line.end_subshell(subshell)
        return _value(reply)

    def _lives(self, kernel: str) -> Any:
        """Make a test that is true as long as the kernel's process is the one it is now."""
        process = _process_of(self._kernels.get_kernel(kernel))
        return lambda: kernel in self and _process_of(self._kernels.get_kernel(kernel)) == process


class _Line:
    """A connection of our own to one kernel's shell and control channels."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def subshell(self) -> str | None:
        """Make a subshell; None where the kernel has none."""
        request = self._client.session.msg("create_subshell_request", {})
        self._client.control_channel.send(request)
        try:
            reply = await self._client.get_control_msg(timeout=_SUBSHELL_SECONDS)
        except queue.Empty:
            return None
        subshell = reply["content"].get("subshell_id")
        return str(subshell) if subshell else None

    def end_subshell(self, subshell: str | None) -> None:
        """Let the subshell's thread end."""
        if subshell is not None:
            request = self._client.session.msg("delete_subshell_request", {"subshell_id": subshell})
            self._client.control_channel.send(request)

    async def execute(self, expression: str, subshell: str | None, alive: Any) -> dict[str, Any]:
        """Have an expression evaluated and wait; ask again when a failing cell cleared the queue."""
        reply: dict[str, Any] = {"status": "aborted"}
        while reply["status"] == "aborted":
            sent = self._send(expression, subshell)
            reply = await self._reply_to(sent, alive)
        return reply

    def _send(self, expression: str, subshell: str | None) -> str:
        content = {
            "code": "",
            "silent": True,
            "store_history": False,
            "user_expressions": {"value": expression},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        request = self._client.session.msg("execute_request", content)
        if subshell is not None:
            request["header"]["subshell_id"] = subshell
        self._client.shell_channel.send(request)
        return str(request["header"]["msg_id"])

    async def _reply_to(self, sent: str, alive: Any) -> dict[str, Any]:
        while True:
            try:
                reply = await self._client.get_shell_msg(timeout=_LOOK_SECONDS)
            except queue.Empty:
                if alive():
                    continue
                raise KernelGone("The kernel ended before it could start the bench; try again.") from None
            if reply["parent_header"].get("msg_id") == sent:
                return dict(reply["content"])


@contextlib.asynccontextmanager
async def _connected(manager: Any) -> AsyncIterator[_Line]:
    """Connect with an identity of our own: two sockets of one identity would take each other's replies."""
    session = manager.session.clone()
    session.session = uuid.uuid4().hex
    client = manager.client(session=session)
    client.start_channels(iopub=False, stdin=False, hb=False)
    try:
        yield _Line(client)
        await asyncio.sleep(0)  # lets the last message out before the sockets close
    finally:
        client.stop_channels()


def _process_of(manager: Any) -> object:
    provisioner = getattr(manager, "provisioner", None)
    return getattr(provisioner, "pid", None)


def _value(reply: dict[str, Any]) -> Any:
    result = reply.get("user_expressions", {}).get("value", reply)
    if result.get("status") != "ok":
        error = str(result.get("ename", "Error"))
        raise KernelRefused(f"The kernel answered {error}: {result.get('evalue', '')}".rstrip(": "), error)
    return ast.literal_eval(result["data"]["text/plain"])
