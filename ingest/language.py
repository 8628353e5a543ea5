"""Language of a document, told by its script and its function words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LanguageParameters:
    """Limits below which a document's language is left open.

    least_words: function words of it that are there, at least (limit)
    least_share: share of all words that they are: in running text it is 15 to 40 %, in lists and tables less (geometry)
    ahead: how many times as many as of the next language there are, at least (geometry)
    script_share: share of the letters that are of a script, for a language that is told by it (geometry)
    """

    least_words: int = 4
    least_share: float = 0.03
    ahead: float = 1.25
    script_share: float = 0.3


LANGUAGE = LanguageParameters()

#: frequent function words, by ISO 639-1 code; a word that two languages share counts for both
_FUNCTION_WORDS = {
    "en": "the of and to in is that for with was are this as by be from or an it not which have has at on",
    "de": "der die das und ist nicht ein eine mit von zu den dem des im für auf sich werden wird auch bei nach sind oder",
    "fr": "le la les des et est une un du dans pour que qui sur par avec au ne pas sont ce cette aux ou plus",
    "es": "el la los las de y que en un una por con para del se es no al lo como más su son o",
    "it": "il la di e che per un una del della è con non sono gli alla dei nel da si le anche come o",
    "pt": "o a os as de e que em um uma do da para com não por dos das no na se ao é ou mais",
    "nl": "de het een en van is dat in op te voor met niet zijn door aan bij ook worden wordt of naar uit",
    "sv": "och att det som en är på för med av till den har inte om ett kan från eller vid ska",
    "da": "og det er en at til af på for med der den som ikke har et kan fra eller ved skal blev",
    "nb": "og det er en at til av på for med som den ikke har et kan fra eller ved skal ble",
    "fi": "ja on ei että se oli joka tai kun myös ovat sekä mukaan ole voi hän mutta niin kuin",
    "pl": "i w na z do się jest nie że o od za przez po oraz dla są jak lub przy być",
    "cs": "a je se na v že s z do o pro ve jako by nebo které byl podle při jsou od",
    "hu": "a az és hogy nem egy is meg de van vagy azt kell volt csak mint ezt",
    "tr": "ve bir bu için ile da de olarak olan daha en gibi çok sonra kadar veya ise",
    "ro": "și de în la cu pe nu este un o din care pentru că sau al ale prin mai",
    "ru": "и в не на что с по как это для из к от за или при его также",
    "uk": "і в не на що з до як це для та від за або при його також є у",
    "el": "και το να η του της ο των για με που από στο είναι στην σε τα",
}
_LANGUAGES: dict[str, tuple[str, ...]] = {}
for _code, _words in _FUNCTION_WORDS.items():
    for _word in _words.split():
        _LANGUAGES[_word] = (*_LANGUAGES.get(_word, ()), _code)

#: (first, last, code) of letters that tell the language alone; Japanese before Chinese, whose letters it uses
_SCRIPTS = (
    ("\u3040", "\u30ff", "ja"),
    ("\uac00", "\ud7af", "ko"),
    ("\u4e00", "\u9fff", "zh"),
    ("\u0590", "\u05ff", "he"),
    ("\u0600", "\u06ff", "ar"),
    ("\u0900", "\u097f", "hi"),
    ("\u0e00", "\u0e7f", "th"),
)
#: share of the letters of such a script that kana are in Japanese, at least (geometry)
_KANA_SHARE = 0.1
#: all codes that can be told
LANGUAGES = tuple(sorted([*_FUNCTION_WORDS, *(code for _, _, code in _SCRIPTS)]))


class LanguageCount:
    """Counts what tells the language, page by page."""

    def __init__(self) -> None:
        self._by_word: Counter[str] = Counter()
        self._by_script: Counter[str] = Counter()
        self._n_words = self._n_letters = 0

    def add(self, words: Iterable[str]) -> None:
        for written in words:
            word = written.strip(".,;:!?()[]\"'»«„“”").lower()
            if not word:
                continue
            self._n_words += 1
            self._n_letters += len(word)
            self._by_word.update(_LANGUAGES.get(word, ()))
            if word[0] > "\u0500":
                self._by_script.update(code for letter in word for code in _script(letter))

    @property
    def language(self) -> str:
        """ISO 639-1 code; empty where it cannot be told.

        >>> count = LanguageCount()
        >>> count.add("Die Fähre ist nicht pünktlich und der Hafen wird gesperrt".split())
        >>> count.language
        'de'
        """
        scripts = self._by_script
        if sum(scripts.values()) >= LANGUAGE.script_share * max(self._n_letters, 1):
            if scripts["ja"] >= _KANA_SHARE * (scripts["ja"] + scripts["zh"]) > 0:
                return "ja"
            return scripts.most_common(1)[0][0]
        (first, most), (_, second) = [*self._by_word.most_common(2), ("", 0), ("", 0)][:2]
        is_told = most >= max(LANGUAGE.least_words, LANGUAGE.least_share * self._n_words)
        return first if is_told and most >= LANGUAGE.ahead * second else ""


def _script(letter: str) -> tuple[str, ...]:
    return next(((code,) for first, last, code in _SCRIPTS if first <= letter <= last), ())
