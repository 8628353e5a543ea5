"""Firefox without a window, driven by its own remote protocol (Marionette): JSON over a socket, each message behind its length."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

from tests.waiting import until

FIREFOX = shutil.which("firefox") or shutil.which("firefox-esr")
#: the last one lets its console be read
_FLAGS = ("--headless", "--no-remote", "--marionette", "--remote-allow-system-access")
#: it asks nobody but the page's server, and gets no keyboard or mouse
_PREFERENCES = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "intl.accept_languages": "en",
    "marionette.port": 0,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disablePrefetch": True,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
}
#: errors of the page's own scripts and styles, as the browser's console has them
_COMPLAINTS = """
const [host] = arguments;
return Services.console.getMessageArray()
  .filter((one) => one instanceof Ci.nsIScriptError && !(one.flags & Ci.nsIScriptError.warningFlag) && one.sourceName.startsWith(host))
  .map((one) => one.errorMessage);
"""


class Firefox:
    """One tab, with a profile of its own in `folder`."""

    def __init__(self, folder: Path) -> None:
        assert FIREFOX is not None
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in _PREFERENCES.items()]
        (folder / "user.js").write_text("\n".join(lines))
        self._process = subprocess.Popen(
            [FIREFOX, *_FLAGS, "--profile", str(folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        port = folder / "MarionetteActivePort"
        until(lambda: port.is_file() and port.read_text().strip())
        self._socket = socket.create_connection(("127.0.0.1", int(port.read_text())), timeout=120)
        self._file = self._socket.makefile("rb")
        self._asked = 0
        self._receive()  # who it is
        self.ask("WebDriver:NewSession", {})

    def _receive(self) -> Any:
        length = b""
        while (digit := self._file.read(1)) != b":":
            length += digit
        return json.loads(self._file.read(int(length)))

    def ask(self, command: str, payload: dict[str, Any]) -> Any:
        self._asked += 1
        message = json.dumps([0, self._asked, command, payload]).encode()
        self._socket.sendall(b"%d:%b" % (len(message), message))
        _, _, error, answer = self._receive()
        assert error is None, error
        return answer.get("value") if isinstance(answer, dict) else answer

    def go(self, address: str) -> None:
        self.ask("WebDriver:Navigate", {"url": address})

    def run(self, script: str, *arguments: object) -> Any:
        """The value of a script's `return`."""
        return self.ask("WebDriver:ExecuteScript", {"script": script, "args": arguments})

    def wait(self, expression: str) -> None:
        until(lambda: self.run(f"return Boolean({expression})"))

    def type(self, selector: str, text: str) -> None:
        """U+E007 is Enter, U+E015 the arrow down."""
        element = self.ask("WebDriver:FindElement", {"using": "css selector", "value": selector})
        self.ask("WebDriver:ElementSendKeys", {"id": next(iter(element.values())), "text": text})

    def complaints(self, host: str) -> list[str]:
        self.ask("Marionette:SetContext", {"value": "chrome"})
        try:
            found: list[str] = self.run(_COMPLAINTS, host)
            return found
        finally:
            self.ask("Marionette:SetContext", {"value": "content"})

    def close(self) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(30)
