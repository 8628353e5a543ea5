"""Pagelight inside an existing FastAPI app, for people who are signed in.

    python examples/mounted.py          then open http://127.0.0.1:8000

Anything that FastAPI can check works as `authorize`: a session, a header of your proxy, a database.
"""

import os

import uvicorn
from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from pagelight import Settings, mount

PASSWORD = "open sesame"  # an example; your application has real accounts
PAGE = """<!doctype html><html lang="en"><title>Intranet</title><link rel="icon" href="data:,">
<h1>Intranet</h1>
<form method="post" action="/login"><label>Password <input name="password" type="password"></label>
<button>Sign in</button></form><p><a href="/search/">Search our documents</a></p>"""

app = FastAPI()


def is_signed_in(request: Request) -> bool:
    return request.cookies.get("password") == PASSWORD


@app.get("/", response_class=HTMLResponse)
def home() -> str:
    return PAGE


@app.post("/login")
def login(password: str = Form()) -> Response:
    response = RedirectResponse("/search/" if password == PASSWORD else "/", status_code=303)
    response.set_cookie("password", password, httponly=True, samesite="lax")
    return response


mount(app, path="/search", settings=Settings.from_environment(), authorize=is_signed_in)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))
