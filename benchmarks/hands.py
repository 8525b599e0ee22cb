"""Print what `read` makes of fonts of handwriting and of other scripts that the net's lessons never saw.

    python tools/lesson_fonts.py FOLDER
    LESSON_FONTS=FOLDER python benchmarks/hands.py [--model MODEL] [--seed N]

Each font sets its ten digits, four numbers of two to six digits, and four letters; words are of such fonts too. Letters
that look like a digit are left out (`tools/lessons/faces.py`).
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

sys.path.append(str(Path(__file__).parents[1] / "tools"))

from lessons.faces import Face, added_faces
from tinydigits.formats.model_file import READER
from tinydigits.reader import Reader
from tinydigits.system.versions import hardware

# Height of what is written, in pixels.
HEIGHT = 70
# Numbers, and letters, of each font.
EACH = 4
WORDS = (
    "the and house water letter kind number people right small every night form name very through just much think "
    "place where after most great men world still between life under hand found study learn plant cover food four "
    "state keep"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=READER)
    parser.add_argument("--seed", type=int, default=1000)
    given = parser.parse_args()
    reader, rng = Reader(given.model), np.random.default_rng(given.seed)
    hands, scripts = added_faces(held_out=True, script=False), added_faces(held_out=True, script=True)
    if not hands:
        sys.exit("hands: found no fonts in $LESSON_FONTS. Run tools/lesson_fonts.py.")
    print(f"model {given.model}; {hardware()}; {len(hands)} fonts of handwriting, {len(scripts)} of other scripts")
    singles = [(face, str(digit)) for face in hands for digit in range(10)]
    numbers = [(face, number(rng)) for face in hands for _ in range(EACH)]
    for name, texts in (("digits", singles), ("numbers", numbers)):
        read = ["".join(reader.read(picture).text.split()) for picture in pictures(texts, rng)]
        right = sum(text == wanted for text, (_, wanted) in zip(read, texts, strict=True))
        print(f"{name}: {right} of {len(texts)} right, {sum(not text for text in read)} refused", flush=True)
    for name, texts in (
        ("letters", [(face, letter(face, rng)) for face in hands for _ in range(EACH)]),
        ("words", [(face, str(rng.choice(WORDS.split()))) for face in hands for _ in range(EACH)]),
        ("letters of other scripts", [(face, letter(face, rng)) for face in scripts for _ in range(4 * EACH)]),
    ):
        found = sum(bool(reader.read(picture).digits) for picture in pictures(texts, rng))
        print(f"{name}: a digit is read in {found} of {len(texts)}", flush=True)


def number(rng: np.random.Generator) -> str:
    return "".join(map(str, rng.integers(0, 10, rng.integers(2, 7))))


def letter(face: Face, rng: np.random.Generator) -> str:
    return str(rng.choice(list(face.letters)))


def pictures(texts: list[tuple[Face, str]], rng: np.random.Generator) -> Iterator[Image.Image]:
    for face, text in texts:
        yield on_paper(set_large(face, text, int(rng.integers(0, 3))), rng)


def set_large(face: Face, text: str, weight: int) -> Image.Image:
    """Returns the ink of a text, bright on black, cut to it and HEIGHT pixels high."""
    font = face.font.font_variant(size=90)
    page = Image.new("L", (int(font.getlength(text)) + 180, 270))
    ImageDraw.Draw(page).text((90, 90), text, 255, font=font, stroke_width=weight, stroke_fill=255)
    ink = page.crop(page.getbbox())
    return ink.resize((max(3, round(ink.width * HEIGHT / ink.height)), HEIGHT), Image.Resampling.BOX)


def on_paper(ink: Image.Image, rng: np.random.Generator) -> Image.Image:
    paper, darkest = rng.uniform(170, 255), rng.uniform(0, 90)
    share = np.pad(np.asarray(ink, np.float64) / 255, int(rng.integers(12, 30)))
    seen = paper + (darkest - paper) * share + rng.normal(0, rng.uniform(0, 4), share.shape)
    return Image.fromarray(np.clip(seen, 0, 255).astype(np.uint8))


if __name__ == "__main__":
    main()
