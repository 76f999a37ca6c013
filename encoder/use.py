"""Export any sentence-transformers model for serving; run by `./linshe encoder use MODEL` in `.venv/encoder`."""

from __future__ import annotations

import argparse
import importlib.metadata
import sys
from pathlib import Path

from encoder import export
from encoder.errors import EncoderError

NOTICE = """\
model.onnx and tokenizer.json were exported from the sentence-transformers model "{model}" by `./linshe encoder use`.
Its licence and its authors' terms apply to them; see the page or folder of the model.
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--target", type=Path, required=True)
    parser.add_argument("--name", required=True)
    arguments = parser.parse_args()
    model = arguments.model
    built = {"from": Path(model).name, "tools": {tool: importlib.metadata.version(tool) for tool in export.TOOLS}}

    def say(line: str) -> None:
        print(line, flush=True)

    try:
        export.export(model, arguments.target, arguments.name, NOTICE.format(model=Path(model).name), built, say)
    except EncoderError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:  # the hub cannot be reached, or has no such model
        print(f"The model {model} cannot be read here: {error}", file=sys.stderr)
        print(
            "Where no hub can be reached, copy the model's folder to this machine and name the folder.", file=sys.stderr
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
