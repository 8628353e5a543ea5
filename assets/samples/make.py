"""Makes the sample documents that a new library begins with: `python assets/samples/make.py`.

Companies, places, products, people and figures are invented; texts and drawings are our own, dedicated to the
public domain (CC0 1.0). The output is the same bytes every time.

    skerry-line-annual-report-2024.pdf   text, a bar chart, a table, a map
    brindle-b20-espresso-manual.pdf      labelled drawings, steps, a table of faults
    orchard-street-permit-letter.pdf     a scanned letter: pictures only, no text layer
"""

from __future__ import annotations

from drawing import FOLDER
from letter import scanned_letter
from manual import espresso_manual
from report import annual_report

if __name__ == "__main__":
    annual_report()
    espresso_manual()
    scanned_letter()
    for made in sorted(FOLDER.glob("*.pdf")):
        print(f"{made.name}: {made.stat().st_size / 1000:.0f} kB")
