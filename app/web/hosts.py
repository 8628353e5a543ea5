"""The names that a server answers to, so that no foreign site can make its own name point here (DNS rebinding)."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from functools import cached_property

from starlette.datastructures import Headers
from starlette.types import Scope

_WILDCARDS = ("0.0.0.0", "::", "")


class Hosts:
    """Loopback names, addresses, the bound host, and what the settings name.

    bound: the address that the server listens on
    allowed: further names; `*` for all, `*.example.org` for all below example.org
    proxies: addresses whose X-Forwarded-* headers are believed; `*` for all
    is_open: whether any name will do where `allowed` is empty: a host application answers for its own names
    """

    def __init__(
        self, bound: str, allowed: Collection[str], proxies: Collection[str], is_open: bool = False
    ) -> None:
        self._bound = bound
        self._allowed = {_host_name(name) for name in allowed}
        self._proxies = set(proxies)
        self._is_open = is_open and not allowed

    def knows(self, scope: Scope) -> bool:
        """Whether the request names this server; X-Forwarded-Host counts where a named proxy sent it."""
        if self._is_open or "*" in self._allowed:
            return True
        headers = Headers(scope=scope)
        forwarded = headers.get("x-forwarded-host", "") if self._is_proxied(scope) else ""
        name = _host_name(forwarded.split(",")[0].strip() or headers.get("host", ""))
        # A page can come from an address only if that address served it, so an address cannot be rebound.
        if _is_address(name) or name == "localhost" or name.endswith(".localhost"):
            return True
        reached, _ = scope.get("server") or ("", None)
        return name in self._names or name == _host_name(str(reached)) or self._is_below(name)

    def without_forged_headers(self, scope: Scope) -> Scope:
        """The request without X-Forwarded-* and Forwarded, unless a named proxy sent it."""
        if self._is_proxied(scope):
            return scope
        kept = [
            (key, value)
            for key, value in scope["headers"]
            if not key.startswith(b"x-forwarded-") and key != b"forwarded"
        ]
        return scope if len(kept) == len(scope["headers"]) else {**scope, "headers": kept}

    def sender(self, scope: Scope) -> str:
        """The address that a request comes from; behind a named proxy, the one that the proxy was asked from."""
        address, _ = scope.get("client") or ("", None)
        if not self._is_proxied(scope):
            return str(address)
        forwarded = Headers(scope=scope).get("x-forwarded-for", "").split(",")[-1].strip()
        return forwarded or str(address)

    def _is_proxied(self, scope: Scope) -> bool:
        sender, _ = scope.get("client") or ("", None)
        return "*" in self._proxies or sender in self._proxies

    def _is_below(self, name: str) -> bool:
        return any(name.endswith(pattern[1:]) for pattern in self._allowed if pattern.startswith("*."))

    @cached_property
    def _names(self) -> set[str]:
        """The names of a bound address; where every network is listened to, the machine's own names are good, too."""
        if self._bound not in _WILDCARDS:
            return {*self._allowed, _host_name(self._bound)}
        own = socket.gethostname().lower()
        return {*self._allowed, own, f"{own}.local"}


def _host_name(host: str) -> str:
    """
    >>> _host_name("Example.org:8000"), _host_name("[::1]:80"), _host_name("https://a.example/")
    ('example.org', '::1', 'a.example')
    """
    host = host.strip().lower().rsplit("://", 1)[-1].split("/", 1)[0]
    if host.startswith("["):
        return host[1:].split("]", 1)[0]
    return host.rstrip(".") if host.count(":") > 1 else host.split(":", 1)[0].rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
