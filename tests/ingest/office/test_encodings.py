"""Texts in encodings of single bytes that nothing names."""

from __future__ import annotations

import pytest

from pagelight.ingest.render.text_encoding import decoded


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Smlouva o nájmu přístaviště číslo sedm, podepsaná v Děčíně.", "cp1250"),
        ("Umowa najmu nabrzeża numer siedem, podpisana w Gdańsku.", "cp1250"),
        ("Őrizze meg a bizonylatot, különben büntetést kell fizetnie.", "cp1250"),
        ("Naknadu treba platiti prije kraja mjeseca, inače će biti kazna u Šibeniku.", "cp1250"),
        ("Gemi kaptanı şehirde değil, iskelede çalışıyor.", "cp1254"),
        ("Uosto mokestis turi būti sumokėtas, kitaip bus skirta bauda. Šiaulių žvejys.", "cp1257"),
        ("Invoice of the harbour office, paid by ООО Причал in full", "cp1251"),
        ("Invoice of the harbour office, paid by ООО Причал in full", "koi8-r"),
        ("Report on the port of Πειραιάς", "cp1253"),
        ("Café Zürich, naïveté, résumé", "mac_roman"),
        ("He said “harbour” — the captain’s “lamp”", "mac_roman"),
        ("Gebühr für Übergröße im Großhafen", "cp850"),
    ],
)
def test_an_encoding_of_other_lands_and_machines_is_told_by_its_letters(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding)) == text


@pytest.mark.parametrize(
    "text",
    [
        "Gebühr",
        "La città è più bella perché c’è il mare",
        "A taxa portuária não inclui as ações públicas",
        "El señor Núñez pagó. ¿Cuánto cuesta el año?",
        "Þetta er hafnargjald fyrir skipið, það er æði dýrt",
        "Hamnavgiften för båten är åtta kronor på ön",
        "Havneafgiften for båden er på øen nær Ærø",
        "12 °C, 5 €, § 7, ½ of 20 µm — “quoted” © 2026",
        "Müller, Núñez, Façade, Ångström, Smørrebrød",
        "L’été à la plage, GRÖSSE DER GEBÜHR",
    ],
)
def test_western_text_stays_western(text: str) -> None:
    assert decoded(text.encode("cp1252")) == text
