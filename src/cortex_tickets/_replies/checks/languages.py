"""Which language a text is in, as far as its script and its most frequent words tell; `None` in doubt."""

from __future__ import annotations

import re
from collections import Counter

_WORDS: dict[str, frozenset[str]] = {
    code: frozenset(words.split())
    for code, words in {
        "English": "the and of to you your is are was were have has had will would can this that with for we our it "
        "be been not please from but i my on at by as they there an which if me a in so do",
        "German": "der die das und ist nicht wir sie ihr ihre ihren ihnen eine einen einem einer mit für auf den dem "
        "zu habe haben wurde werden mein meine meinen ich im bei von bitte sehr auch wird sich uns wenn noch kann ein",
        "French": "le la les des et je est pas nous vous une avec pour sur dans mon ma mes que votre vos ce cette ai "
        "du au aux été sont plus qui sera être un en ne il elle par",
        "Spanish": "el la los las y es nosotros una con para que mi mis del por su sus le se he ha este esta como pero "
        "muy fue un en al lo más sobre hemos puede usted está no",
        "Italian": "il lo gli di che è non per una con sono mi mio mia della delle dei del nel alla ho ha questo "
        "questa siamo suo sua vi ci si anche più stato un in la le da i",
        "Portuguese": "o os as um uma não que de do da dos das em no na por para com meu minha seu sua você é está "
        "foi mais muito nos ao se eu isso esta este",
        "Dutch": "de het een en van ik niet dat met voor op zijn mijn uw wij u is te aan er ook naar heb heeft worden "
        "bij om wordt deze dit als maar",
        "Swedish": "och att det som en på är av för med den till jag har inte vi din er ett om så kan vill mitt min "
        "du från ni",
        "Polish": "nie się na w z do że jest to i mój moja moje jak ale za przez od dla proszę czy być są co tak po",
    }.items()
}
FREQUENT_WORDS = frozenset[str]().union(*_WORDS.values())
"""Of all these languages: they name nothing, however they are written."""
_SCRIPTS = (
    ("Cyrillic script", "\u0400", "\u04ff"),
    ("Greek", "\u0370", "\u03ff"),
    ("Hebrew", "\u0590", "\u05ff"),
    ("Arabic script", "\u0600", "\u06ff"),
    ("Hindi", "\u0900", "\u097f"),
    ("Japanese", "\u3040", "\u30ff"),
    ("Korean", "\uac00", "\ud7af"),
    ("Chinese", "\u4e00", "\u9fff"),
)
_LATIN_ENDS = "\u024f"
_READ = 4_000
"""The beginning tells as much as the whole."""
_FEWEST_HITS = 2
_FEWEST_LETTERS = 4
_LEAD = 1.5
_SHARE = 0.1
"""In running text of any of these languages far more than every tenth word is one of its frequent ones."""
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> str | None:
    """Return the language's English name, or its script's; `None` where the text is too short or too mixed to tell."""
    read = text[:_READ]
    letters = Counter(_script(letter) for letter in read if letter.isalpha())
    if letters["Japanese"]:
        # Japanese is written with Chinese characters, too.
        letters["Japanese"] += letters.pop("Chinese", 0)
    if not letters:
        return None
    script, n_letters = letters.most_common(1)[0]
    if script == "other" or n_letters < max(_FEWEST_LETTERS, 0.5 * letters.total()):
        return None
    return script or _latin_language(read)


def _script(letter: str) -> str:
    """Return the letter's script; blank for Latin."""
    if letter <= _LATIN_ENDS:
        return ""
    return next((name for name, first, last in _SCRIPTS if first <= letter <= last), "other")


def _latin_language(text: str) -> str | None:
    words = [word.lower() for word in _WORD.findall(text)]
    hits = Counter({name: sum(word in frequent for word in words) for name, frequent in _WORDS.items()})
    (first, most), (_, second) = hits.most_common(2)
    is_told = most >= max(_FEWEST_HITS, _SHARE * len(words)) and most >= _LEAD * second
    return first if is_told else None
