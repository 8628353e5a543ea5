"""Pagelight as a `<gradio-app>` element: part of the page, without a frame.

    python examples/web_component.py    then open http://127.0.0.1:8000

The element's code comes with the gradio package and is served from here, so no other site is asked for it.
"""

import os
from pathlib import Path

import gradio
import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from pagelight import Settings, mount

FRONTEND = Path(gradio.__file__).parent / "templates" / "frontend"
# `src` must be absolute: the element asks for its configuration from there.
PAGE = """<!doctype html><html lang="en"><title>Handbook</title><link rel="icon" href="data:,">
<h1>Handbook</h1>
<main></main>
<footer>Written by the people of the handbook</footer>
<script type="module" src="/gradio-ui/gradio.js"></script>
<script type="module">
  const element = document.createElement("gradio-app");
  element.setAttribute("src", new URL("/pagelight/", location).href);
  document.querySelector("main").append(element);
</script>"""

app = FastAPI()


@app.get("/", response_class=HTMLResponse)
def page() -> str:
    return PAGE


app.mount("/gradio-ui", StaticFiles(directory=FRONTEND))
app.mount("/assets", StaticFiles(directory=FRONTEND / "assets"))
mount(app, path="/pagelight", settings=Settings.from_environment())

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))
