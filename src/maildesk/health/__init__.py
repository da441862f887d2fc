"""How the daemon shows how it is: logs, the heartbeat to systemd, and what `status`, health checks and metrics read."""

from maildesk.health.logs import escaped, logs
from maildesk.health.pulse import STUCK_AFTER, Pulse
from maildesk.health.server import Served, ask, serve
from maildesk.health.systemd import sd_notify, watchdog_interval

__all__ = ["STUCK_AFTER", "Pulse", "Served", "ask", "escaped", "logs", "sd_notify", "serve", "watchdog_interval"]
