"""Pagelight in an iframe of a page of one's own.

    python examples/iframe.py           then open http://127.0.0.1:8000

The page and Pagelight share an address here. Where they do not, name the page's site in
`PAGELIGHT_FRAME_ANCESTORS`, for instance "'self' https://intranet.example.org".
"""

import os

import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from pagelight import Settings, mount

PAGE = """<!doctype html><html lang="en"><title>Handbook</title><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body { margin: 2rem; font-family: system-ui } iframe { width: 100%; height: 80vh; border: 0 }</style>
<h1>Handbook</h1>
<iframe src="/pagelight/" title="Search the handbook" allow="clipboard-write"></iframe>"""

app = FastAPI()


@app.get("/", response_class=HTMLResponse)
def page() -> str:
    return PAGE


mount(app, path="/pagelight", settings=Settings.from_environment())

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))
