"""encoder build, use, bench, tune: the model that turns Chinese into vectors.

What needs torch runs in `.venv/encoder`, which is made the first time one of these is called and by nothing else.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from ops.cli.common import console, errors, sentences

app = typer.Typer(help="The sentence encoder: build, choose, measure, tune.", no_args_is_help=True)

SAME = 0.999
"""A rebuild on another processor or with another library may differ in the last digits; less than this is another model."""
RETRAIN = "Vectors change with it: run ./linshe train."


@contextmanager
def _told() -> Iterator[None]:
    """What the encoder says when it cannot go on is a sentence already."""
    from encoder.errors import EncoderError

    with sentences():
        try:
            yield
        except EncoderError as error:
            errors.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
            raise typer.Exit(1) from None


def _in_build_environment(title: str, module: str, *arguments: str) -> None:
    """Run `python -m module` in `.venv/encoder`; its lines on standard output are the progress."""
    from ops import environments
    from ops.context import OperationFailed
    from ops.interpreters import InterpreterMissing
    from ops.progress import Progress

    try:
        environments.ensure_encoder(say=lambda line: console.print(line, highlight=False))
    except (environments.SetupFailed, InterpreterMissing) as error:
        raise OperationFailed(str(error)) from error
    log = environments.ROOT / "var" / "log" / "encoder.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    quiet = {"PYTHONPATH": str(environments.ROOT), "TOKENIZERS_PARALLELISM": "false", "HF_HUB_DISABLE_TELEMETRY": "1"}
    command = [str(environments.encoder().python), "-u", "-m", module, *arguments]
    with log.open("w", encoding="utf-8") as kept, Progress(title) as progress:
        with subprocess.Popen(
            command, cwd=environments.ROOT, env={**os.environ, **quiet}, stdout=subprocess.PIPE, stderr=kept
        ) as running:
            assert running.stdout is not None
            try:
                for raw in running.stdout:
                    line = raw.decode("utf-8", "replace").rstrip()
                    kept.write(line + "\n")
                    if line.startswith("* "):
                        progress.print(line[2:])
                    elif line:
                        progress.update(line)
            except BaseException:
                running.terminate()
                raise
        if running.returncode == 0:
            progress.print(f"{title}: done after {progress.elapsed:.0f} s")
    if running.returncode != 0:
        last = "\n".join(log.read_text("utf-8", "replace").strip().splitlines()[-6:])
        raise OperationFailed(f"{title} ended with exit code {running.returncode}:\n{last}\nAll of it is in {log}.")


@app.command()
def build(
    write: Annotated[bool, typer.Option("--write", help="Put the new one in the place of the committed one.")] = False,
) -> None:
    """Make the encoder again from its wheel, and compare it with the committed one."""
    with _told():
        from encoder import bench, export, folder
        from encoder.errors import EncoderError

        made = folder.ROOT / "var" / "encoder" / "built"
        kept = folder.ROOT / "var" / "encoder" / "float"
        _in_build_environment("encoder", "encoder.build", "--target", str(made), "--keep", str(kept))
        try:
            folder.check(folder.SHIPPED, folder.read(folder.SHIPPED))
        except EncoderError as error:
            console.print(str(error).split(" Run ")[0], markup=False, highlight=False)
            export.replace(made, folder.SHIPPED)
            console.print(f"[green]ok[/green] put in place: {folder.SHIPPED}", highlight=False)
            return
        found = bench.compare(folder.SHIPPED, made, bench.texts()[::60])
        if found["same_bytes"]:
            console.print("[green]ok[/green] the same as the committed encoder, byte for byte")
        elif found["cosine_min"] >= SAME:
            console.print(
                f"[green]ok[/green] not the same bytes, but the same vectors: cosine at least {found['cosine_min']:.5f}"
            )
        else:
            console.print(
                f"[yellow]another encoder[/yellow]: cosine down to {found['cosine_min']:.5f} (the same is {SAME})"
            )
        if write:
            export.replace(made, folder.SHIPPED)
            console.print(f"written to {folder.SHIPPED}. {RETRAIN}", highlight=False)
        elif found["cosine_min"] < SAME:
            console.print(f"It is in {made}; --write puts it in place of the committed one.", highlight=False)
            raise typer.Exit(1)


@app.command()
def use(
    model: Annotated[str, typer.Argument(help="A sentence-transformers model, a folder of one, or `shipped`.")],
    name: Annotated[str, typer.Option("--name", help="Name of the folder; default: from the model's name.")] = "",
) -> None:
    """Use another sentence-transformers model, or the shipped one again."""
    with _told():
        from encoder import folder

        before = folder.read(folder.SHIPPED).dimensions if model == "shipped" else _dimensions()
        if model == "shipped":
            folder.IN_USE.unlink(missing_ok=True)
            now = folder.read(folder.SHIPPED)
        else:
            path = Path(model).expanduser()
            given = str(path.resolve()) if path.is_dir() else model
            slug = name or re.sub(r"[^A-Za-z0-9.]+", "-", Path(model).name).strip("-").lower() or "model"
            target = folder.ROOT / "var" / "encoder" / slug
            if _is_served(path):
                target = path.resolve()
            else:
                _in_build_environment(
                    "encoder", "encoder.use", "--model", given, "--target", str(target), "--name", slug
                )
            now = folder.read(target)
            inside = target.is_relative_to(folder.ROOT)
            folder.IN_USE.write_text(f"{target.relative_to(folder.ROOT) if inside else target}\n", "utf-8")
        console.print(f"[green]ok[/green] in use: {now.name}, {now.dimensions} dimensions. {RETRAIN}", highlight=False)
        if now.dimensions != before:
            console.print(
                f"[yellow]Its vectors have {now.dimensions} numbers instead of {before}:[/yellow] until then nothing that"
                " was trained or indexed fits.",
                highlight=False,
            )
        if os.environ.get(folder.SETTING):
            console.print(f"[yellow]{folder.SETTING} is set and goes before this choice.[/yellow]")


def _is_served(path: Path) -> bool:
    from encoder import folder

    return (path / folder.MODEL).is_file() and (path / folder.CONFIG).is_file() and (path / folder.TOKENIZER).is_file()


def _dimensions() -> int:
    from encoder import folder
    from encoder.errors import EncoderError

    try:
        return folder.read(folder.chosen()).dimensions
    except EncoderError:
        return folder.read(folder.SHIPPED).dimensions


@app.command()
def bench(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    threads: Annotated[int, typer.Option("--threads", min=1, max=64, help="Threads on one text.")] = 1,
) -> None:
    """Speed, memory and agreement with float32 of the encoder in use, on the examples of data/nlu."""
    with _told():
        from encoder import bench as measuring
        from encoder import folder

        result = measuring.run(folder.chosen(), measuring.texts()[::20], threads)
    if as_json:
        print(measuring.as_json(result))
        return
    agreement = result.pop("agreement")
    for key, value in result.items():
        console.print(f"{key:18} {value}", highlight=False)
    if agreement:
        for key, value in agreement.items():
            console.print(f"{'float32 ' + key:18} {value}", highlight=False)
    else:
        console.print("float32            not here; ./linshe encoder build leaves it in var/encoder/float")


@app.command()
def tune(
    stard: Annotated[
        Path | None, typer.Option("--stard", help="Questions with their articles, for the held-out search.")
    ] = None,
    steps: Annotated[
        int, typer.Option("--steps", min=1, help="At most so many steps, about 5 s each on two cores.")
    ] = 150,
    minutes: Annotated[float, typer.Option("--minutes", min=0.1, help="At most so long.")] = 20,
    seed: Annotated[int, typer.Option("--seed")] = 7,
    again: Annotated[bool, typer.Option("--again", help="Forget the checkpoint of an interrupted run.")] = False,
) -> None:
    """Fine-tune the shipped encoder on our own examples; keep the result only when held-out figures improve."""
    with _told():
        from encoder import folder

        plain = folder.ROOT / "var" / "encoder" / "float" / "sentence"
        if not plain.is_dir():
            built = str(folder.ROOT / "var" / "encoder" / "built")
            _in_build_environment("encoder", "encoder.build", "--target", built, "--keep", str(plain.parent))
        target = folder.ROOT / "var" / "encoder" / "tuned"
        arguments = ["--model", str(plain), "--target", str(target), "--steps", str(steps), "--minutes", str(minutes)]
        arguments += ["--seed", str(seed), *(["--again"] if again else [])]
        if stard:
            from community.config import Settings
            from community.knowledge.wheel import find_wheel

            laws = find_wheel(Settings().laws_db or None).resolve()
            arguments += ["--stard", str(stard.resolve()), "--laws", str(laws)]
        before = folder.read(target).fingerprint if (target / folder.CONFIG).is_file() else ""
        _in_build_environment("tuning", "encoder.tune", *arguments)
        if (target / folder.CONFIG).is_file() and folder.read(target).fingerprint != before:
            console.print(f"Kept in {target}. Take it with: ./linshe encoder use var/encoder/tuned", highlight=False)
