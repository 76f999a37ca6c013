"""Fine-tune the encoder on our own examples (contrastive); run by `./linshe encoder tune` in `.venv/encoder`.

Two texts of one intent and category are a pair, and so are a question and its curated answer; the rest of the batch is what
they must stay away from. The table of words is left as it is: it keeps rare words where they were, and fits into 4 bits.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from encoder import export, heldout
from encoder.build import NAME, NOTICE
from encoder.errors import EncoderBuildFailed, EncoderError
from encoder.folder import ROOT

BATCH = 32
SCALE = 100.0
"""The temperature of .01 that E5 was trained with: its cosines lie close together, and 20 tore them apart (docs/encoder.md)."""
RATE = 2e-5
LONGEST = 128
LEGAL_EVERY = 4
CHECKPOINT_EVERY = 10
_SHOWN = 256
GAIN = 0.002
"""How much at least one held-out figure must rise, and none may fall."""

Example = tuple[str, str, str]
Pair = tuple[str, str]


def read_examples(folder: Path) -> list[Example]:
    """(text, intent, group) of data/nlu; a group is an intent with its category."""
    import re

    import yaml

    found = []
    for path in sorted(folder.glob("*.yml")):
        for block in yaml.safe_load(path.read_text("utf-8")).get("nlu") or []:
            if "intent" not in block:
                continue
            intent = block["intent"].split("/")[0]
            group = f"{intent}/{(block.get('metadata') or {}).get('category', '')}"
            for line in str(block.get("examples") or "").splitlines():
                text = re.sub(r"\[([^\]]*)\](\([^)]*\)|\{[^}]*\})", r"\1", line.strip().removeprefix("- ")).strip()
                if text:
                    found.append((text, intent, group))
    return found


def read_answers(folder: Path) -> list[list[Pair]]:
    """For each curated answer its (question, answer) pairs."""
    import yaml

    found = []
    for path in sorted(folder.glob("*.yml")):
        for item in yaml.safe_load(path.read_text("utf-8")) or []:
            passage = f"{item['title']} {item['answer'].strip()}"
            found.append([(question, passage) for question in item.get("questions") or []])
    return [pairs for pairs in found if pairs]


def batches(examples: Sequence[Example], answers: Sequence[list[Pair]], seed: int) -> Iterator[tuple[list[Pair], bool]]:
    """Endless batches of pairs, no two of one group in a batch; True says that they are question and passage."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    groups: dict[str, list[str]] = {}
    for text, _, group in examples:
        groups.setdefault(group, []).append(text)
    large = {group: texts for group, texts in groups.items() if len(set(texts)) > 1}
    number = 0
    while True:
        number += 1
        if answers and number % LEGAL_EVERY == 0:
            chosen = dice.sample(range(len(answers)), min(BATCH, len(answers)))
            yield [dice.choice(answers[place]) for place in chosen], True
        else:
            names = dice.sample(sorted(large), min(BATCH, len(large)))
            pairs = [dice.sample(sorted(set(large[name])), 2) for name in names]
            yield [(one, other) for one, other in pairs], False


class Model:
    """The sentence-transformers model, its loss, and its checkpoints."""

    def __init__(self, folder: str, threads: int, say: Callable[[str], None]) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(threads)
        self.torch = torch
        self.say = say
        self.sentence: Any = SentenceTransformer(folder, device="cpu")
        self.sentence[0].auto_model.embeddings.word_embeddings.weight.requires_grad_(False)
        self.learnt = [weight for weight in self.sentence.parameters() if weight.requires_grad]
        self.optimizer = torch.optim.AdamW(self.learnt, lr=RATE, weight_decay=0.01)

    def encode(self, texts: Sequence[str], kind: str) -> np.ndarray:
        self.sentence.max_seq_length = LONGEST
        rows = []
        for at in range(0, len(texts), _SHOWN):
            self.say(f"measuring: {at} of {len(texts)} {'passages' if kind == 'passage' else 'messages'}")
            part = list(texts[at : at + _SHOWN])
            rows.append(self.sentence.encode(part, prompt_name=kind, batch_size=16, show_progress_bar=False))
        return np.concatenate(rows)

    def step(self, pairs: Sequence[Pair], passages: bool) -> float:
        self.sentence.train()
        self.sentence.max_seq_length = LONGEST
        left = self._vectors([pair[0] for pair in pairs], "query")
        right = self._vectors([pair[1] for pair in pairs], "passage" if passages else "query")
        scores = SCALE * left @ right.T
        wanted = self.torch.arange(len(pairs))
        loss = self.torch.nn.functional.cross_entropy(scores, wanted)
        self.optimizer.zero_grad()
        loss.backward()
        self.torch.nn.utils.clip_grad_norm_(self.learnt, 1.0)
        self.optimizer.step()
        self.sentence.eval()
        return float(loss.detach())

    def _vectors(self, texts: list[str], kind: str) -> Any:
        prompt = self.sentence.prompts.get(kind, "")
        return self.sentence(self.sentence.tokenize([prompt + text for text in texts]))["sentence_embedding"]

    def keep(self, path: Path, number: int, seed: int) -> None:
        part = path.with_suffix(".part")
        state = {"model": self.sentence.state_dict(), "optimizer": self.optimizer.state_dict()}
        self.torch.save({**state, "number": number, "seed": seed}, part)
        part.replace(path)

    def take_up(self, path: Path, seed: int) -> int:
        """Load a checkpoint of the same seed; returns its step, or 0 when there is none."""
        if not path.exists():
            return 0
        kept = self.torch.load(path, weights_only=True)
        if kept["seed"] != seed:
            return 0
        self.sentence.load_state_dict(kept["model"])
        self.optimizer.load_state_dict(kept["optimizer"])
        return int(kept["number"])


def better(before: dict[str, float], after: dict[str, float]) -> bool:
    """None falls, and at least one rises by more than chance would."""
    return all(after[name] >= before[name] for name in before) and any(
        after[name] >= before[name] + GAIN for name in before
    )


def tune(arguments: argparse.Namespace, say: Callable[[str], None]) -> bool:
    """Train, measure, and export only what got better."""
    threads = arguments.threads or os.cpu_count() or 1
    examples = read_examples(ROOT / "data" / "nlu")
    answers = read_answers(ROOT / "data" / "knowledge" / "legal")
    if not examples:
        raise EncoderBuildFailed("data/nlu holds no examples to learn from.")
    probe = heldout.read_probe([(text, intent) for text, intent, _ in examples], arguments.held_out)
    search = heldout.read_search(arguments.stard, arguments.laws) if arguments.stard else None
    say(f"* {len(examples)} examples, {len(answers)} answers; held out: {len(probe.held_texts)} messages, "
        f"{len(search.questions) if search else 0} questions over {len(search.articles) if search else 0} articles")  # fmt: skip
    model = Model(str(arguments.model), threads, say)

    def measure() -> dict[str, float]:
        figures = {"intents_macro_f1": heldout.macro_f1(probe, model.encode)}
        if search:
            figures["articles_in_ten"] = heldout.found_in_ten(search, model.encode)
        return {name: round(value, 4) for name, value in figures.items()}

    before = measure()
    say(f"* before: {before}")
    checkpoint = arguments.target.with_name(arguments.target.name + ".checkpoint")
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    if arguments.again:
        checkpoint.unlink(missing_ok=True)
    done = model.take_up(checkpoint, arguments.seed)
    if done:
        say(f"* going on from step {done}")
    began = time.monotonic()
    for number, (pairs, passages) in enumerate(batches(examples, answers, arguments.seed), 1):
        late = time.monotonic() - began > 60 * arguments.minutes
        if number > arguments.steps or late:
            say(f"* {'time is up' if late else 'all steps done'} after step {number - 1}")
            break
        if number <= done:
            continue  # the same dice have to be thrown
        loss = model.step(pairs, passages)
        say(f"step {number} of {arguments.steps}, loss {loss:.3f}")
        if number % CHECKPOINT_EVERY == 0:
            model.keep(checkpoint, number, arguments.seed)
    after = measure()
    say(f"* after: {after}")
    checkpoint.unlink(missing_ok=True)
    if not better(before, after):
        say(f"* not kept: a figure fell, or none rose by {GAIN}")
        return False
    folder = arguments.target.with_name(arguments.target.name + "-float")
    shutil.rmtree(folder, ignore_errors=True)
    model.sentence.max_seq_length = 512
    model.sentence.save(str(folder), create_model_card=False)
    tools = {tool: importlib.metadata.version(tool) for tool in export.TOOLS}
    built = {
        "from": NAME,
        "tuned_on": "data/nlu, data/knowledge/legal",
        "before": before,
        "after": after,
        "tools": tools,
    }
    notice = NOTICE + "\nThen it was fine-tuned on this project's own examples (./linshe encoder tune).\n"
    export.export(str(folder), arguments.target, f"{NAME}-tuned", notice, built, say, 4)
    say("* kept: held-out figures improved")
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--target", type=Path, required=True)
    parser.add_argument("--held-out", type=Path, default=ROOT / "tests" / "nlu" / "holdout.jsonl")
    parser.add_argument("--stard", type=Path)
    parser.add_argument("--laws", type=Path)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--again", action="store_true")
    try:
        tune(parser.parse_args(), lambda line: print(line, flush=True))
    except EncoderError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
