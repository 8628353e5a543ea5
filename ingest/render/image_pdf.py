"""Image files as PDFs without loss, page by page, in a process of its own with limits.

`python -m pagelight.ingest.render.image_pdf SOURCE TARGET MEMORY_MB`
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pagelight.ingest.render.limited_process import own_python
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.tiff_samples import other_frames

#: Pages of limits that a whole file may take (time)
_PAGES = 5


def write_image_pdf(source: Path, target: Path, limits: Limits) -> bool:
    """Write the image file's frames as the pages of a PDF, as they are; False where that cannot be done.

    img2pdf takes no transparency, no deep greys and not every type, and all frames for pages; such files have to be drawn.
    """
    if other_frames(source):
        return False
    command, environment = own_python(__name__, str(source), str(target), str(limits.memory_mb))
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PAGES * limits.seconds_per_page,
            check=False,
            process_group=0,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0 and target.exists()


def main() -> None:
    import img2pdf  # only in the process that writes

    from pagelight.ingest.render.child import limit_memory

    source, target, memory_mb = sys.argv[1:]
    limit_memory(int(memory_mb))
    with open(target, "wb") as stream:
        img2pdf.convert(source, outputstream=stream, rotation=img2pdf.Rotation.ifvalid)


if __name__ == "__main__":
    main()
