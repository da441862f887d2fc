"""The protocol of sd_notify(3) and sd_watchdog_enabled(3), in a dozen lines."""

import os
import socket

from maildesk import clock


def sd_notify(state: str) -> bool:
    """Tell systemd "READY=1", "WATCHDOG=1", "STATUS=...", "STOPPING=1" or "RELOADING=1".

    RELOADING=1 gets the MONOTONIC_USEC that notify-reload asks for. False where nobody listens: never raises.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    if state == "RELOADING=1":
        state += f"\nMONOTONIC_USEC={int(clock.monotonic() * 1_000_000)}"
    name = f"\0{address[1:]}" if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.settimeout(1.0)
            sender.sendto(state.encode("utf-8", "replace"), name)
    except OSError:
        return False
    return True


def watchdog_interval() -> float | None:
    """Seconds between two WATCHDOG=1, half of what systemd demands; None when it does not watch this process."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    micros = os.environ.get("WATCHDOG_USEC", "")
    return int(micros) / 2_000_000 if micros.isdecimal() and int(micros) else None
