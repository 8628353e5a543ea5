"""The kinds of things that pages show, and the words that people ask for them with, in five languages."""

from __future__ import annotations

from pagelight.retrieval.text.analyzer import fold, split_words

FIGURE_KINDS = (
    "text",
    "heading",
    "table",
    "bar chart",
    "line chart",
    "pie chart",
    "scatter plot",
    "histogram",
    "heat map",
    "map",
    "photo",
    "diagram",
    "drawing",
    "formula",
    "code",
    "form",
    "signature",
    "logo",
    "screenshot",
    "swatches",
)
#: Pixels of a page's long side as the figures net sees it (net)
LONG_SIDE = 384
#: pixels of that under one cell (net)
CELL = 8

QueryFigure = tuple[tuple[str, ...], dict[str, float]]
"""Words of a query as they stand in it, folded, and the classes that they ask for with weights 0..1."""

_CHART = {
    "bar chart": 0.8,
    "line chart": 0.8,
    "pie chart": 0.8,
    "histogram": 0.7,
    "scatter plot": 0.7,
    "heat map": 0.4,
}
_CURVE = {"line chart": 1.0, "scatter plot": 0.4, "histogram": 0.3, "bar chart": 0.3}
_PLOT = {"line chart": 0.8, "scatter plot": 0.7, "bar chart": 0.5, "histogram": 0.6, "heat map": 0.5}
_BARS = {"bar chart": 1.0, "histogram": 0.5}
_PIE = {"pie chart": 1.0}
_DIAGRAM = {"diagram": 1.0, "drawing": 0.5}
_TREE = {"diagram": 0.9, "drawing": 0.3}
_PICTURE = {"photo": 0.8, "drawing": 0.8, "diagram": 0.4, "screenshot": 0.3, "map": 0.3}
_FIGURE = {
    "drawing": 0.5,
    "diagram": 0.5,
    "line chart": 0.5,
    "photo": 0.4,
    "bar chart": 0.4,
    "scatter plot": 0.3,
}
_INFOGRAPHIC = {
    "drawing": 0.9,
    "pie chart": 0.5,
    "diagram": 0.5,
    "bar chart": 0.4,
    "swatches": 0.3,
    "logo": 0.2,
}
_PHOTO = {"photo": 1.0}
_HEAT = {"heat map": 1.0, "swatches": 0.2}
_TABLE = {"table": 1.0, "form": 0.25}

# Words that mostly mean something else on a page ("table of contents", "figure" for a number, "image" of a disk)
# have weights below one half. A phrase wins over its words.
_ASKED: dict[str, tuple[str, dict[str, float], float]] = {
    # key: (words and phrases, classes, weight)
    "chart": (
        "chart | charts | graphique | graphiques | graphe | grafico | grafici | grafica | graficos | graficas",
        _CHART,
        1.0,
    ),
    "chart, ambiguous": (
        "diagramm | diagramme | diagramma | diagrammi | diagrama | diagramas",
        _DIAGRAM | {"bar chart": 0.4, "line chart": 0.4, "pie chart": 0.4},
        0.9,
    ),
    "graph": ("graph | graphs | graf", _CURVE | {"diagram": 0.4, "pie chart": 0.3}, 0.8),
    "plot": (
        "plot | plots | plotted | curve | curves | courbe | courbes | kurve | kurven | verlauf | curva | curvas | curve",
        _PLOT,
        0.7,
    ),
    "line chart": (
        "line chart | line charts | line graph | line graphs | line plot | time series | courbe d evolution | graphique lineaire | graphique en ligne | graphique en courbe | liniendiagramm | liniengrafik | kurvendiagramm | grafico de lineas | grafica de lineas | grafico a linee | grafico lineare",
        _CURVE,
        1.0,
    ),
    "area chart": (
        "area chart | stacked area | graphique en aires | flachendiagramm | grafico de areas | grafico ad area",
        {"line chart": 1.0, "bar chart": 0.3},
        1.0,
    ),
    "bar chart": (
        "bar chart | bar charts | bar graph | bar graphs | bar plot | column chart | barplot | barchart | stacked bars | graphique a barres | graphique en barres | diagramme en barres | diagramme a barres | diagramme en batons | histogramme en barres | balkendiagramm | balkendiagramme | saulendiagramm | saulendiagramme | stabdiagramm | grafico de barras | grafica de barras | diagrama de barras | grafico a barre | grafico a colonne | diagramma a barre | istogramma a barre",
        _BARS,
        1.0,
    ),
    "bars": ("bars | barres | balken | saulen | barras", _BARS, 0.35),
    "pie chart": (
        "pie chart | pie charts | pie graph | donut | donuts | donut chart | donut charts | doughnut | doughnut chart | ring chart | camembert | camemberts | diagramme circulaire | graphique circulaire | graphique en secteurs | diagramme en secteurs | kreisdiagramm | kreisdiagramme | tortendiagramm | tortendiagramme | kuchendiagramm | ringdiagramm | grafico circular | grafico de sectores | diagrama de sectores | grafico de torta | grafico de pastel | diagrama circular | grafico a torta | grafici a torta | diagramma a torta | areogramma | ciambella",
        _PIE,
        1.0,
    ),
    "scatter plot": (
        "scatter plot | scatter plots | scatter | scatterplot | scatterplots | scatter chart | scatter diagram | point cloud | bubble chart | nuage de points | diagramme de dispersion | streudiagramm | punktwolke | blasendiagramm | diagrama de dispersion | grafico de dispersion | nube de puntos | grafico a dispersione | diagramma a dispersione",
        {"scatter plot": 1.0, "line chart": 0.2},
        1.0,
    ),
    "histogram": (
        "histogram | histograms | histogramme | histogrammes | histogrammen | histogramm | histograma | histogramas | istogramma | istogrammi | bell curve | courbe en cloche | glockenkurve",
        {"histogram": 1.0, "bar chart": 0.5},
        1.0,
    ),
    "heat map": (
        "heat map | heatmap | heat maps | heatmaps | contour plot | surface plot | density plot | vector field | carte de chaleur | carte thermique | warmekarte | mapa de calor | mappa di calore | color map | colormap | colour map",
        _HEAT,
        1.0,
    ),
    "table": (
        "table | tables | tableau | tableaux | tabelle | tabellen | tabla | tablas | tabella | tabelle | cuadro | cuadros | spreadsheet | tabular",
        _TABLE,
        0.9,
    ),
    "table, sort of": (
        "matrix | matrice | matrices | matriz | grid | grille | schedule | timetable | statement | balance sheet | bilanz | bilan | bilancio | balance",
        {"table": 0.8, "formula": 0.2},
        0.4,
    ),
    "not a table": (
        "table of contents | table des matieres | tabla de contenido | tabla de contenidos | hash table | lookup table | pivot table | routing table",
        {"table": 0.3},
        0.3,
    ),
    "map": (
        "map | maps | landkarte | landkarten | carte du | carte de | carte de la | carte des | karte von | karte der | karte des | stadtplan | lageplan | mapa | mapas | mappa | mappe | cartina | cartine | atlas | street map | road map | city map | topographic map | site plan | metro map | subway map | route map | network map | plan de ville | plan du reseau | plan du metro | netzplan | streckenplan | plano de la ciudad | pianta della citta",
        {"map": 1.0},
        0.9,
    ),
    "not a map": (
        "roadmap | feuille de route | hoja de ruta | bank card | carte bancaire | carte d identite | carte vitale | carte de credit | kreditkarte | carta di credito | mind map | carte mentale | mapa mental",
        {"diagram": 0.3},
        0.4,
    ),
    "photo": (
        "photo | photos | photograph | photographs | photography | photographie | photographies | foto | fotos | fotografie | fotografien | fotografia | fotografias | snapshot | aerial view | lichtbild",
        _PHOTO | {"drawing": 0.15},
        1.0,
    ),
    "picture": (
        "picture | pictures | image | images | bild | bilder | imagen | imagenes | immagine | immagini | abbildung | abbildungen",
        _PICTURE,
        0.5,
    ),
    "picture, asked for": (
        "picture of | pictures of | picture showing | picture with | image of | images of | image showing | image with | bild von | bilder von | bild mit | image d | image de | images de | imagen de | imagenes de | immagine di | immagini di",
        _PICTURE,
        0.8,
    ),
    "figure": ("figure | figures | figura | figuras | figure | fig | abb", _FIGURE, 0.3),
    "diagram": (
        "diagram | diagrams | schema | schemas | schemata | schematic | schematics | schaubild | esquema | esquemas | block diagram | flow chart | flowchart | flow charts | flowcharts | flow diagram | flussdiagramm | ablaufdiagramm | organigramme | organigramm | organigramma | organigrama | org chart | organization chart | organisation chart | logigramme | diagramme de flux | diagrama de flujo | diagramma di flusso | architecture diagram | sequence diagram | state machine | venn diagram | diagramme de venn | diagrama de venn | diagramma di venn | mengendiagramm | circuit diagram | schaltplan | uml | venn | euler diagram | overlapping circles | timeline | zeitstrahl | frise chronologique | linea del tiempo | linea del tempo",
        _DIAGRAM,
        1.0,
    ),
    "boxes": (
        "boxes and arrows | boxes | arrows | blocks | fleches | pfeile | kasten | flechas | frecce",
        _DIAGRAM,
        0.4,
    ),
    "tree": (
        "binary tree | decision tree | search tree | tree diagram | syntax tree | family tree | arbre binaire | arbre de decision | entscheidungsbaum | binarbaum | arbol binario | albero binario | mind map",
        _TREE,
        0.8,
    ),
    "drawing": (
        "drawing | drawings | drawn | sketch | sketches | dessin | dessins | croquis | zeichnung | zeichnungen | skizze | skizzen | dibujo | dibujos | boceto | disegno | disegni | schizzo | illustration | illustrations | illustrationen | ilustracion | ilustraciones | illustrazione | illustrazioni | cartoon | comic | clip art | icon | icons | vignette",
        {"drawing": 1.0, "diagram": 0.5, "photo": 0.2, "logo": 0.2},
        0.8,
    ),
    "infographic": (
        "infographic | infographics | infographie | infographies | infografik | infografiken | infografia | infografias | infografica | infografiche",
        _INFOGRAPHIC,
        0.8,
    ),
    "formula": (
        "formula | formulas | formulae | equation | equations | formule | formules | formel | formeln | gleichung | gleichungen | ecuacion | ecuaciones | equazione | equazioni | formule matematiche | mathematical expression",
        {"formula": 1.0},
        0.7,
    ),
    "code": (
        "code listing | source code | listing | listings | code snippet | code example | code block | program listing | pseudocode | pseudo code | code source | extrait de code | quelltext | quellcode | programmcode | codigo fuente | codice sorgente",
        {"code": 1.0, "screenshot": 0.2},
        0.8,
    ),
    "pie, also a foot": ("pie | anneau | secteurs", _PIE, 0.5),
    "map, also a card": ("carte | cartes | karte | karten", {"map": 1.0}, 0.7),
    "person": ("portrait | portraits | portrat | retrato | ritratto", _PHOTO, 0.5),
    "signature, also a firm": ("firma | firmas | firmado | firmato", {"signature": 1.0}, 0.4),
    "form, also a module": ("modulo | moduli", {"form": 1.0}, 0.4),
    "code, also a number": ("codigo | codice | script", {"code": 1.0}, 0.3),
    "code, sort of": ("code | program | programme | programm | programa | programma", {"code": 0.8}, 0.3),
    "form": (
        "form to fill | blank form | application form | formulaire | formulaires | formular | formulare | vordruck | fragebogen | formulario | formularios | questionnaire | checkbox | checkboxes | check box | check boxes | tick box | case a cocher | cases a cocher | ankreuzen | kastchen | casilla | casillas | a remplir | auszufullen | para rellenar | da compilare | fill in | entry fields | input fields",
        {"form": 1.0, "table": 0.3},
        0.9,
    ),
    "form, sort of": ("form | forms | fields | champs | felder | campos | campi", {"form": 0.9}, 0.3),
    "signature": (
        "signature | signatures | signed | signed by | handwritten | handwriting | unterschrift | unterschriften | unterzeichnet | handschriftlich | signe | signee | manuscrite | ecriture manuscrite",
        {"signature": 1.0},
        0.7,
    ),
    "stamp": (
        "stamp | stamps | stamped | seal | seals | rubber stamp | cachet | tampon | tampons | stempel | siegel | sello | sellos | timbro | timbri",
        {"signature": 0.8, "logo": 0.8},
        0.65,
    ),
    "print": (
        "engraving | engravings | etching | etchings | woodcut | lithograph | gravure | gravures | eau forte | stich | kupferstich | holzschnitt | grabado | grabados | incisione | incisioni",
        {"drawing": 1.0, "photo": 0.8, "diagram": 0.3},
        0.8,
    ),
    "logo": (
        "logo | logos | logotype | emblem | embleme | emblema | wappen | trademark | brand mark",
        {"logo": 1.0, "drawing": 0.2},
        0.9,
    ),
    "screenshot": (
        "screenshot | screenshots | screen shot | screen shots | screen capture | capture d ecran | captures d ecran | copie d ecran | bildschirmfoto | bildschirmfotos | bildschirmaufnahme | captura de pantalla | capturas de pantalla | schermata | schermate | user interface | dashboard | dialog box | gui | tableau de bord | benutzeroberflache | interfaz | interfaccia | terminal window",
        {"screenshot": 1.0, "code": 0.15},
        0.9,
    ),
    "colours": (
        "colors | colours | patterns | muster | motifs | farben | couleurs | colores | colori",
        {"swatches": 1.0},
        0.25,
    ),
    "swatches": (
        "swatch | swatches | color palette | colour palette | palette | palettes | color chart | colour chart | color swatches | colour swatches | nuancier | farbpalette | farbmuster | farbtafel | paleta de colores | tavolozza | echantillons de couleur | hatching | hatch | fill patterns",
        {"swatches": 1.0},
        0.7,
    ),
}
#: words of the longest phrase (limit)
_PREFERRED_OVER = 4


def _table() -> dict[tuple[str, ...], dict[str, float]]:
    asked: dict[tuple[str, ...], dict[str, float]] = {}
    for phrases, classes, weight in _ASKED.values():
        for phrase in phrases.split("|"):
            words = tuple(phrase.split())
            known = asked.setdefault(words, {})
            for name, share in classes.items():
                known[name] = max(known.get(name, 0.0), round(share * weight, 3))
    return asked


_TABLE_OF_WORDS = _table()


def query_figures(text: str) -> tuple[QueryFigure, ...]:
    """The looks that a query asks for, in its order: the longest phrases first, each word used once.

    >>> query_figures("Bar chart of revenue")
    ((('bar', 'chart'), {'bar chart': 1.0, 'histogram': 0.5}),)
    >>> query_figures("net revenue")
    ()
    """
    words = [fold(word) for word in split_words(text)]
    found: list[QueryFigure] = []
    at = 0
    while at < len(words):
        for length in range(min(_PREFERRED_OVER, len(words) - at), 0, -1):
            phrase = tuple(words[at : at + length])
            if phrase in _TABLE_OF_WORDS:
                found.append((phrase, dict(_TABLE_OF_WORDS[phrase])))
                at += length
                break
        else:
            at += 1
    return tuple(found)
