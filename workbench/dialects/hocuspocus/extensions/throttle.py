"""Too many connects from one address are refused for a while (the original's `throttle`)."""

from __future__ import annotations

__all__ = ["Throttle"]

import time
from collections import deque
from collections.abc import Callable

from workbench.dialects.hocuspocus.errors import reject
from workbench.dialects.hocuspocus.payloads import ConnectPayload

_MOST_ADDRESSES = 10_000


class Throttle:
    """Counts connects per client address and bans those that come too often.

    The address is that of x-real-ip or x-forwarded-for, which a proxy sets, else the socket's own: the
    original puts everybody without such a header into one bucket.

    Parameters
    ----------
    throttle
        How many connects within `interval` are fine; None switches it off.
    interval
        Seconds.
    ban_time
        Seconds.
    clock
        Tells the seconds.
    """

    extension_name = "throttle"

    def __init__(
        self,
        throttle: int | None = 15,
        *,
        interval: float = 60.0,
        ban_time: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = throttle
        self._interval = interval
        self._ban_time = ban_time
        self._clock = clock
        self._connects: dict[str, deque[float]] = {}
        self._banned: dict[str, float] = {}

    def on_connect(self, data: ConnectPayload) -> None:
        """Count a connect; one too many rejects with nothing, and so do all until the ban ends."""
        if self._most is None:
            return
        headers = data.request_headers
        forwarded = (headers.get("x-forwarded-for") or "").split(",")[0].strip()
        address = headers.get("x-real-ip") or forwarded or data.request.remote_address or ""
        if self._is_banned(address) or self._is_one_too_many(address):
            reject()

    def on_destroy(self) -> None:
        """Forget everybody."""
        self._connects.clear()
        self._banned.clear()

    def _is_banned(self, address: str) -> bool:
        since = self._banned.get(address)
        if since is None:
            return False
        if self._clock() - since < self._ban_time:
            return True
        del self._banned[address]
        self._connects.pop(address, None)
        return False

    def _is_one_too_many(self, address: str) -> bool:
        now = self._clock()
        connects = self._connects.setdefault(address, deque())
        connects.append(now)
        while connects and now - connects[0] > self._interval:
            connects.popleft()
        if len(self._connects) > _MOST_ADDRESSES:
            self._forget_the_quiet(now)
        if self._most is not None and len(connects) > self._most:
            self._banned[address] = now
            return True
        return False

    def _forget_the_quiet(self, now: float) -> None:
        for address, connects in list(self._connects.items()):
            if not connects or now - connects[-1] > self._interval:
                del self._connects[address]
        for address, since in list(self._banned.items()):
            if now - since >= self._ban_time:
                del self._banned[address]
