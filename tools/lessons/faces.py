"""Type faces that letters are set in: those that come with Matplotlib, and those in the folder $LESSON_FONTS.

`python tools/lesson_fonts.py FOLDER` fills such a folder: `hands/` with fonts of handwriting, `scripts/` with fonts of
other scripts. Some faces are never learnt from, and judge the net.
"""

import os
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import ImageFont

# Height of an em, in pixels.
SIZE = 48
# Left out: those that look like a digit, such as B D G I J O Q S Z b g i j l o q s y z.
LATIN = "ACEFHKLMNPRTUVWXYacdefhkmnprtuvwxAEKMRWXaehkmnrwx"
# Other scripts that DejaVu holds. What a net of ten digits reads with certainty is left out later.
SCRIPTS = (
    "ΑΓΔΕΗΘΚΛΜΝΞΠΡΣΤΥΦΧΨΩαβγδεζηθκλμνξπρςτυφχψω"
    "АБГДЕЖИЙКЛМНПРСТУФХЦШЩЪЫЬЮЯабгджийклмнптфхцшщъыьюя"
    "ԱԲԳԴԵԶԷԸԹԺԻԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔ"
    "აბგდევზთიკლმნპჟრსტუფქღყშჩცძწჭხჯჰ"
    "אבגדהזחטכלמנספצקרשתابتجحدرسشصطعغفقكلمنهوي"
)
# The first so many of them stand in STIX.
IN_STIX = 90
# One of so many faces of $LESSON_FONTS is kept to judge by.
KEPT = 3
# Share of letters that are set in faces of $LESSON_FONTS, if it is given.
ADDED = 0.5
# Letters of other scripts begin here.
BEYOND_LATIN = 0x370


@dataclass(frozen=True)
class Face:
    """A font, and its letters that nobody takes for a digit."""

    font: ImageFont.FreeTypeFont
    letters: str


def any_face(rng: np.random.Generator, held_out: bool, script: bool) -> Face:
    """Returns a face of Latin letters, or of another script.

    Args:
        held_out: take a face that no training sees.
    """
    own, added = faces(held_out, script), added_faces(held_out, script)
    choice = added if added and rng.random() < ADDED else own
    return choice[rng.integers(len(choice))]


@cache
def faces(held_out: bool, script: bool) -> tuple[Face, ...]:
    """Returns DejaVu and Computer Modern to learn from, or STIX to judge by."""
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    families: tuple[str, ...] = ("STIXGeneral*",) if held_out else ("DejaVuS*[!y].ttf",)
    if not (script or held_out):
        families += ("cmb10*", "cmr10*", "cmss*", "cmti*", "cmtt*", "cmmi*")
    files = sorted(file for family in families for file in folder.glob(family) if "Display" not in file.name)
    letters = (SCRIPTS[:IN_STIX] if held_out else SCRIPTS) if script else LATIN
    return tuple(Face(ImageFont.truetype(str(file), SIZE), letters) for file in files)


@cache
def added_faces(held_out: bool, script: bool) -> tuple[Face, ...]:
    """Returns faces of $LESSON_FONTS, none if it is not given."""
    found = [Face(ImageFont.truetype(str(file), SIZE), letters_of(file) if script else LATIN) for file in files(script)]
    return tuple(face for k, face in enumerate(found) if (k % KEPT == 0) == held_out and face.letters)


def files(script: bool) -> list[Path]:
    folder = os.environ.get("LESSON_FONTS")
    return sorted((Path(folder) / ("scripts" if script else "hands")).glob("*.woff")) if folder else []


def letters_of(file: Path) -> str:
    """Returns the letters of a font that belong to other scripts."""
    from fontTools.ttLib import TTFont

    known = (chr(code) for code in TTFont(file).getBestCmap() if code >= BEYOND_LATIN)
    return "".join(letter for letter in known if unicodedata.category(letter) in ("Lu", "Ll", "Lo"))
