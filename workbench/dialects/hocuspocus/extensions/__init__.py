"""Extensions as Hocuspocus ships them: a database, a logger, a throttle, a webhook."""

from __future__ import annotations

__all__ = ["Database", "Logger", "Throttle", "Webhook"]

from workbench.dialects.hocuspocus.extensions.database import Database
from workbench.dialects.hocuspocus.extensions.logger import Logger
from workbench.dialects.hocuspocus.extensions.throttle import Throttle
from workbench.dialects.hocuspocus.extensions.webhook import Webhook
