"""Refusals: a page in the reader's language where a browser asks for one by an address, a line of JSON otherwise."""

from __future__ import annotations

import html
import re

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from pagelight.app.web.api.answers import failure

NOT_ALLOWED = "you may not use this library"
WRONG_ADDRESS = "this server does not answer to that name; see the setting allow_hosts"

_PAGE = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<style>body {{ display: grid; place-content: center; min-height: 90vh; margin: 0 24px; text-align: center;
font: 17px/1.5 ui-sans-serif, system-ui, sans-serif }} h1 {{ font: 600 26px/1.3 ui-serif, Georgia, serif }}
p {{ opacity: 0.8 }}</style></head><body><main><h1>{title}</h1><p>{reason}</p></main></body></html>"""
_OTHER = "That did not work"
_TITLES = {401: "Please sign in", 403: "This library is not open to you", 421: "Wrong address"}
#: what a page says in other languages than English; what a host application says stays as it is
_SAID = {
    "de": {
        "Please sign in": "Bitte melden Sie sich an",
        "This library is not open to you": "Diese Bibliothek ist Ihnen nicht zugänglich",
        "Wrong address": "Falsche Adresse",
        _OTHER: "Das hat nicht geklappt",
        NOT_ALLOWED: "Sie dürfen diese Bibliothek nicht benutzen.",
        WRONG_ADDRESS: "Dieser Server antwortet nicht unter diesem Namen; siehe die Einstellung allow_hosts.",
    },
    "fr": {
        "Please sign in": "Veuillez vous connecter",
        "This library is not open to you": "Cette bibliothèque ne vous est pas ouverte",
        "Wrong address": "Adresse erronée",
        _OTHER: "Cela n’a pas fonctionné",
        NOT_ALLOWED: "Vous ne pouvez pas utiliser cette bibliothèque.",
        WRONG_ADDRESS: "Ce serveur ne répond pas à ce nom ; voir le réglage allow_hosts.",
    },
    "es": {
        "Please sign in": "Inicie sesión",
        "This library is not open to you": "Esta biblioteca no está abierta para usted",
        "Wrong address": "Dirección equivocada",
        _OTHER: "No ha funcionado",
        NOT_ALLOWED: "Usted no puede usar esta biblioteca.",
        WRONG_ADDRESS: "Este servidor no responde a ese nombre; vea el ajuste allow_hosts.",
    },
    "it": {
        "Please sign in": "Acceda",
        "This library is not open to you": "Questa biblioteca non è aperta a Lei",
        "Wrong address": "Indirizzo sbagliato",
        _OTHER: "Non ha funzionato",
        NOT_ALLOWED: "Non può usare questa biblioteca.",
        WRONG_ADDRESS: "Questo server non risponde a quel nome; veda l’impostazione allow_hosts.",
    },
}


def refusal(scope: Scope, reason: str, status: int, headers: dict[str, str] | None = None) -> Response:
    """The answer to a request that is not let in."""
    asked = Headers(scope=scope)
    wants_page = scope.get("method") == "GET" and "text/html" in asked.get("accept", "")
    if scope["type"] != "http" or not wants_page:
        return failure(reason, status, headers)
    language = preferred_language(asked.get("accept-language", ""))
    said = _SAID.get(language, {})
    title = _TITLES.get(status, _OTHER)
    text = said.get(reason) or reason[:1].upper() + reason[1:] + ("" if reason.endswith(".") else ".")
    page = _PAGE.format(language=language, title=said.get(title, title), reason=html.escape(text))
    response = HTMLResponse(page, status, headers)
    for name in ("Accept", "Accept-Language"):  # beside those that the host application named
        response.headers.add_vary_header(name)
    return response


def preferred_language(accepted: str) -> str:
    """The first of a browser's languages, which it names in their order, that a page can speak.

    >>> preferred_language("pt-BR,fr-CH;q=0.9,de;q=0.8"), preferred_language("")
    ('fr', 'en')
    """
    for part in accepted.split(","):
        language = re.split(r"[-;]", part.strip())[0].lower()
        if language == "en" or language in _SAID:
            return language
    return "en"
