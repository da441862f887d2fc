"""Handing mail to the relay (RFC 5321, 3207, 4954): every outcome is a value. The only asyncio.

`relay.py` says where the relay is, `session.py` is one connection to it, `envelope.py` one mail on that connection,
`courier.py` keeps a few connections busy, and `probe.py` tells the operator what works.
"""

from maildesk.smtp.courier import Courier, courier
from maildesk.smtp.probe import probe
from maildesk.smtp.relay import Relay

__all__ = ["Courier", "Relay", "courier", "probe"]
