"""The emulator on a port of this machine: in a thread beside a test, or as a command's only work."""

import logging
import socket
import threading
import time
from types import TracebackType

import uvicorn

from pipelines.emulate.app import Emulator


class Serving:
    """A running emulator; `url` is where."""

    def __init__(self, emulator: Emulator, port: int = 0) -> None:
        self.emulator = emulator
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        logging.getLogger("uvicorn.error").addFilter(_quiet)
        config = uvicorn.Config(
            emulator.app,
            log_level="critical",
            access_log=False,
            lifespan="off",
            date_header=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    def __enter__(self) -> "Serving":
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()

    def forever(self) -> None:
        """Serve until interrupted."""
        self._run()

    def secrets(self) -> dict[str, str]:
        """The environment that points Crosswalk at this emulator."""
        s = self.emulator.world.settings
        return {
            "HUBSPOT_BASE_URL": self.url,
            "HUBSPOT_ACCESS_TOKEN": s.token,
            "SALESFORCE_LOGIN_URL": self.url,
            "SALESFORCE_CLIENT_ID": s.client_id,
            "SALESFORCE_CLIENT_SECRET": s.client_secret,
        }


def _quiet(record: logging.LogRecord) -> bool:
    """Drop the traceback of a fault that was asked for."""
    return not (record.exc_info and isinstance(record.exc_info[1], ConnectionResetError))
