"""Debian packages that the training reads: unpacked beside each other, nothing installed, no root needed."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

WORD_LISTS = [
    "wamerican",
    "wbritish",
    "wfrench",
    "wngerman",
    "wspanish",
    "witalian",
    "wportuguese",
    "wdutch",
    "wswedish",
    "wdanish",
    "wnorwegian",
    "wpolish",
]
FONTS = [
    "fonts-dejavu-core",
    "fonts-liberation",
    "fonts-liberation2",
    "fonts-noto-core",
    "fonts-open-sans",
    "fonts-lato",
    "fonts-roboto-unhinted",
    "fonts-ubuntu",
    "fonts-cantarell",
    "fonts-crosextra-carlito",
    "fonts-crosextra-caladea",
    "fonts-gfs-didot",
    "fonts-gfs-neohellenic",
    "fonts-ebgaramond",
    "fonts-linuxlibertine",
    "fonts-freefont-ttf",
    "fonts-inconsolata",
    "fonts-hack",
    "fonts-firacode",
    "fonts-jetbrains-mono",
    "fonts-comfortaa",
    "fonts-quicksand",
    "fonts-oswald",
    "fonts-junicode",
    "fonts-sil-gentium",
    "fonts-sil-charis",
    "fonts-cabin",
    "fonts-urw-base35",
    "fonts-texgyre",
    "fonts-ibm-plex",
    "fonts-lmodern",
    "fonts-montserrat",
    "fonts-league-spartan",
    "fonts-dosis",
    "fonts-courier-prime",
    "fonts-croscore",
    "fonts-play",
    "fonts-jura",
    "fonts-vollkorn",
    "fonts-oldstandard",
    "fonts-inter",
    "fonts-georgewilliams",
    "fonts-humor-sans",
    "fonts-breip",
    "fonts-femkeklaver",
    "fonts-dustin",
]
DOCUMENTS = [
    "r-doc-pdf",
    "gnuplot-doc",
    "octave-doc",
    "auto-multiple-choice-doc-pdf",
    "texlive-lang-german",
    "texlive-lang-spanish",
    "texlive-lang-italian",
    "texlive-lang-portuguese",
    "texlive-lang-polish",
    "texlive-lang-european",
    "texlive-lang-french",
    "texlive-latex-recommended-doc",
    "texlive-latex-extra-doc",
    "texlive-humanities-doc",
    "texlive-publishers-doc",
    "texlive-fonts-recommended-doc",
    "texlive-fonts-extra-doc",
    "texlive-science-doc",
    "texlive-pictures-doc",
]
HELD_OUT = [
    "gretl-doc",
    "dblatex-doc",
    "fp-docs-3.2.2",
    "python-reportlab-doc",
]  # read in evaluation, never in training


def unpack(packages: Sequence[str], root: Path) -> list[str]:
    """Download packages with apt and unpack them under `root`; returns those that this release does not have."""
    downloads = root / "debs"
    downloads.mkdir(parents=True, exist_ok=True)
    missing = []
    for package in packages:
        done = downloads / f"{package}.done"
        if done.exists():
            continue
        fetched = subprocess.run(
            ["apt-get", "download", "-q", package], cwd=downloads, capture_output=True, check=False
        )
        files = sorted(downloads.glob(f"{package}_*.deb"))
        if fetched.returncode or not files:
            missing.append(package)
            continue
        subprocess.run(["dpkg", "-x", str(files[-1]), str(root)], check=True)
        files[-1].unlink()
        done.touch()
    return missing
