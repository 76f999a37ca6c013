"""Encode texts with onnxruntime; the same code in Rasa's Python and the app's."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from encoder import folder as folders
from encoder.errors import EncoderDamaged

KINDS = ("query", "passage")
_FEW = 8
_loaded: dict[tuple[Path, str, int], Encoder] = {}
_loading = threading.Lock()


def load(folder: str | Path | None = None, threads: int = 1) -> Encoder:
    """The encoder of `folder`, else the one in use. A second call gives the same object while the files are the same.

    `threads` work on one text. One is best where several processes share the cores; see docs/encoder.md.
    """
    path = folders.chosen(folder)
    config = folders.read(path)
    key = (path, config.fingerprint, threads)
    with _loading:
        if key not in _loaded:
            folders.check(path, config)
            _loaded[key] = Encoder(path, config, threads)
        return _loaded[key]


class Encoder:
    """Turns texts into unit vectors. Safe to share between threads."""

    def __init__(self, folder: Path, config: folders.Config, threads: int = 1) -> None:
        # Here and not above: whoever imports a module that can encode should not pay for what they may never use.
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # A waiting thread that spins takes the core from whoever shares the machine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.folder = folder
        self.name = config.name
        self.dimensions = config.dimensions
        self.fingerprint = config.fingerprint
        self._prompts = config.prompts
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(folder / folders.MODEL), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer: Any = Tokenizer.from_file(str(folder / folders.TOKENIZER))
        except Exception as error:  # both libraries raise their own kinds; what helps is the same
            raise EncoderDamaged(f"The encoder in {folder} cannot be loaded: {error}. Run {folders.MEND}.") from error
        self._tokenizer.enable_truncation(config.max_tokens)
        self._tokenizer.no_padding()
        self._inputs: list[str] = [item.name for item in self._session.get_inputs()]

    def encode(self, texts: Sequence[str], kind: str = "query") -> np.ndarray:
        """Unit rows, float32, one a text. `kind` is "query" for what people write and "passage" for what is searched.

        Each text is a run of its own, since int8 scales are taken over a whole run: in company a text would get a vector
        that differs from the one it gets alone, and a classifier would be served something it was not trained on.
        """
        if isinstance(texts, str):
            raise TypeError("encode() takes a list of texts, not one text")
        self._prompt(kind)  # a wrong kind is wrong for no texts at all, too
        vectors = np.empty((len(texts), self.dimensions), np.float32)

        def one(place: int) -> None:
            vectors[place] = self._vector(self.ids(texts[place], kind))

        if len(texts) < _FEW:
            for place in range(len(texts)):
                one(place)
        else:
            # Longest first, so that no core is left with a long text at the end. Each worker takes the next one by itself: a task a text
            # cost a twentieth of the time in handing tasks over.
            order = iter(sorted(range(len(texts)), key=lambda place: -len(texts[place])))

            def some() -> None:
                for place in order:
                    one(place)

            cores = _cores()
            with ThreadPoolExecutor(cores, thread_name_prefix="encoder") as workers:
                for done in [workers.submit(some) for _ in range(cores)]:
                    done.result()
        return vectors

    def ids(self, text: str, kind: str = "query") -> np.ndarray:
        """The numbers of the pieces of one text with its prompt, as a batch of one."""
        return np.array([self._tokenizer.encode(self._prompt(kind) + text.strip()).ids], np.int64)

    def tokens(self, text: str) -> list[str]:
        """The pieces a text is cut into, for people and tests."""
        return list(self._tokenizer.encode(text).tokens)

    def _prompt(self, kind: str) -> str:
        if kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}, not {kind!r}")
        return self._prompts.get(kind, "")  # a model without prompts takes both kinds alike

    def _vector(self, ids: np.ndarray) -> np.ndarray:
        feed = {name: ids if name == "input_ids" else _filler(name, ids) for name in self._inputs}
        return np.asarray(self._session.run(None, feed)[0][0], np.float32)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _filler(name: str, ids: np.ndarray) -> np.ndarray:
    return np.ones_like(ids) if name == "attention_mask" else np.zeros_like(ids)
