"""Months, as they are written in full and cut short, in English, French, German, Spanish and Italian."""

from __future__ import annotations

#: folded: the name of a month, and what tables and charts have for it
_MONTHS = """
january jan | february feb | march mar | april apr | june jun | july jul | august aug | september sep sept | october oct
november nov | december dec
janvier janv jan | fevrier fevr fev | mars mar | avril avr | juillet juil | aout aou | septembre sept sep | octobre oct
novembre nov | decembre dec
januar jan | februar feb | marz mrz | april apr | juni jun | juli jul | august aug | september sept sep | oktober okt
november nov | dezember dez
enero ene | febrero feb | marzo mar | abril abr | junio jun | julio jul | agosto ago | septiembre sept sep | octubre oct
noviembre nov | diciembre dic
gennaio genn gen | febbraio febbr feb | marzo mar | aprile apr | maggio magg mag | giugno giu | luglio lug | agosto ago
settembre sett set | ottobre ott | novembre nov | dicembre dic
"""
#: short forms that are words of their own more often than months
_AMBIGUOUS = frozenset(("mar", "gen", "set", "mag", "ago", "fev", "ott"))


def _forms() -> dict[str, tuple[str, ...]]:
    forms: dict[str, dict[str, None]] = {}
    for names in _MONTHS.replace("\n", "|").split("|"):
        full, *short = names.split() or [""]
        for form in short:
            forms.setdefault(full, {})[form] = None
            if form not in _AMBIGUOUS:
                forms.setdefault(form, {})[full] = None
    return {word: tuple(others) for word, others in forms.items()}


_FORMS = _forms()


def month_forms(word: str) -> tuple[str, ...]:
    """The other ways to write the month that a folded word names; none for other words.

    >>> month_forms("august"), month_forms("dez"), month_forms("set"), month_forms("page")
    (('aug',), ('dezember',), (), ())
    """
    return _FORMS.get(word, ())
