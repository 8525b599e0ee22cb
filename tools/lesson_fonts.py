"""Fetches the fonts of `lesson_fonts.txt` with npm, for letters and digits of lessons (`lessons/faces.py`); run as

    python tools/lesson_fonts.py FOLDER
    export LESSON_FONTS=FOLDER

They are packages of Fontsource, under the SIL Open Font License. What is in the folder already is not fetched again.
"""

import argparse
import subprocess
import tarfile
import tempfile
from pathlib import Path

LIST = Path(__file__).with_suffix(".txt")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    for line in LIST.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            kind, name, part = line.split()
            fetch(name, part, folder / kind / f"{name}.woff")


def fetch(name: str, part: str, file: Path) -> None:
    """Writes the font of the package `name` that holds the letters of `part`, in its regular weight."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        command = ["npm", "pack", f"@fontsource/{name}", "--silent"]
        packed = subprocess.run(command, cwd=place, stdout=subprocess.PIPE, text=True, check=True).stdout.split()[-1]
        font = f"package/files/{name}-{part}-400-normal.woff"
        with tarfile.open(Path(place) / packed) as archive:
            archive.extract(font, place)
        file.write_bytes((Path(place) / font).read_bytes())
    print(file, flush=True)


if __name__ == "__main__":
    main()
