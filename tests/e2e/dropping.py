"""Letting go of a file over the page."""

from __future__ import annotations

import base64
from pathlib import Path

from playwright.sync_api import Page

#: lets go of a file over the page, as a person's mouse does
_DROP = """([name, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type: 'application/pdf' }));
  const target = document.querySelector('.gradio-container');
  for (const kind of ['dragenter', 'dragover', 'drop']) {
    const event = new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: transfer });
    target.dispatchEvent(event);
    if (kind === 'dragenter') window.__curtain = !document.querySelector('.pl-curtain').hidden;
    if (kind === 'drop') window.__kept = event.defaultPrevented;
  }
}"""


def drop(page: Page, path: Path) -> None:
    page.evaluate(_DROP, [path.name, base64.b64encode(path.read_bytes()).decode()])
