"""Colours of a page, and the words that people ask for them with, in five languages: "a purple heat map"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.types import Floats

COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")

_WORDS = {
    "red": "red reds rouge rouges rot rote rotem roten roter rotes roja rojas rojo rojos rossa rosse rossi rosso",
    "orange": "orange oranges orangene orangenen naranja naranjas anaranjado arancione arancioni",
    "yellow": "yellow jaune jaunes gelb gelbe gelbem gelben gelber gelbes amarilla amarillas amarillo amarillos gialla gialle "
    "gialli giallo",
    "green": "green vert verte vertes verts grun grune grunem grunen gruner grunes verde verdes verdi",
    "blue": "blue bleu bleue bleues bleus blau blaue blauem blauen blauer blaues azul azules azzurra azzurre azzurri azzurro blu",
    "purple": "purple violet violette violettes violett violette lila morada morado morados viola",
    "pink": "pink rose roses rosa rosas rosado magenta",
    "brown": "brown marron marrons braun braune braunem braunen brauner braunes marrones",
    # on nearly every page
    "": "black gray grey white blanc blanche blancs blanches gris grise grises noir noire noirs noires grau graue grauen schwarz "
    "schwarze schwarzen schwarzer weiss weisse weissen weisser blanca blancas blanco blancos negra negras negro negros bianca "
    "bianche bianchi bianco grigia grigio nera nere neri nero",
}
#: folded word → its colour, "" where every page has it; beside a look such words tell how it is painted, and are seldom printed
COLOUR_OF_WORD = {word: colour for colour, words in _WORDS.items() for word in words.split()}

_PAINTED = """
arrow arrows background banner bar bars block blocks border borders box boxes bubble bubbles button buttons circle circles column
columns cone cones cover cross crosses dot dots fill flag flags frame frames header headers heading headings highlight highlighted
ink label labels line lines marker markers page pages paper pen rectangle rectangles ribbon ring rings row rows section sheet sign
signs square squares star stars sticker stripe stripes text tick ticks triangle triangles watermark
fleche fleches fond bandeau barre barres bordure cadre cadres cercle cercles colonne colonnes couverture croix encadre en-tete
feuille ligne lignes panneau panneaux papier point points rond ronds texte titre triangle
balken blatt hintergrund kasten kastchen kreis kreise kreuz kreuze linie linien pfeil pfeile punkt punkte quadrat rahmen rand schild
schilder schrift seite spalte spalten streifen uberschrift umschlag zeile zeilen
barra barras borde caja cajas circulo circulos columna columnas cruz cruces cuadro cuadros etiqueta fondo flecha flechas franja hoja
linea lineas marco pagina portada punto puntos recuadro recuadros texto titulo
bordo casella caselle cerchio cerchi colonna croce freccia frecce foglio linea linee punti quadrato riga righe riquadro scritta sfondo
striscia strisce testo
"""
#: folded words for what is painted, beside the looks of `query_words`
PAINTED = frozenset(_PAINTED.split())


@dataclass(frozen=True, slots=True)
class ColourParameters:
    """Pixels that have a colour, and how much of a page has to.

    chroma: difference of the strongest and the weakest channel, of 255, from which a pixel is not gray (by eye)
    saturated: the same as a share of the strongest channel (by eye)
    light: value of the strongest channel, of 255, below which a pixel is black (by eye)
    half: share of the page that has a colour at which it is as likely as not what a person calls it by (targets of colours
        named in all three labelled sets)
    """

    chroma: int = 31
    saturated: float = 0.2
    light: int = 51
    half: float = 0.004


COLOUR = ColourParameters()


def page_colours(pixels: NDArray[np.uint8], parameters: ColourParameters = COLOUR) -> Floats:
    """(len(COLOURS),) 0..1: how likely a person names each colour of a page (height, width, 3)."""
    shares = colour_shares(pixels, parameters)
    return np.asarray(shares / (shares + parameters.half), np.float32)


def colour_shares(pixels: NDArray[np.uint8], parameters: ColourParameters = COLOUR) -> Floats:
    """(len(COLOURS),): share of the pixels (height, width, 3) that have each colour."""
    planes = np.ascontiguousarray(pixels.reshape(-1, 3).T)  # channel by channel is five times as fast
    strongest = np.maximum(np.maximum(planes[0], planes[1]), planes[2])
    weakest = np.minimum(np.minimum(planes[0], planes[1]), planes[2])
    chroma = strongest - weakest
    found = (chroma >= parameters.chroma) & (strongest >= parameters.light)
    found &= chroma >= parameters.saturated * strongest
    red, green, blue = planes[:, found].astype(np.float32)
    most, chroma = strongest[found].astype(np.float32), chroma[found].astype(np.float32)
    sector = np.where(
        most == red,
        (green - blue) / chroma % 6,
        np.where(most == green, (blue - red) / chroma + 2, (red - green) / chroma + 4),
    )
    named = _named(60 * sector, chroma / most, most / 255)
    return np.asarray(np.bincount(named, minlength=len(COLOURS)) / max(len(strongest), 1), np.float32)


def _named(hue: Floats, saturation: Floats, value: Floats) -> NDArray[np.int64]:
    """(n,) indices into COLOURS of hues in degrees, 0 to 360; saturation and value 0..1."""
    # from here on, once around: red ends where orange begins
    named = np.searchsorted([15, 42, 68, 165, 258, 315, 345], hue, side="right") % 7
    reddish = (hue < 42) | (hue >= 345)
    pale = reddish & ((hue < 20) | (hue >= 345)) & (saturation < 0.55) & (value > 0.75)
    vivid_red = ((hue < 12) | (hue >= 345)) & (saturation > 0.75) & (value > 0.45)
    dark = reddish & (value < 0.62) & (saturation > 0.3) & ~vivid_red
    named[pale] = COLOURS.index("pink")
    named[dark] = COLOURS.index("brown")
    return np.asarray(named, np.int64)
