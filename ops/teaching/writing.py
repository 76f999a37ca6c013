"""What waits in the database goes into the project's files, as one change: labels, problems of several, words, conversations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from community.knowledge.wording import cutter_of
from community.model.taught import LexiconWord, TalkCase, spans_of
from community.model.teaching import Label, LabelState
from community.ports import Community
from community.services import lexicon as lexicon_words
from community.services import model_jobs, talk_cases
from ops import training
from ops.context import Context
from ops.teaching import changes, compare, lexicon, several, talks
from ops.teaching.examples import HELD_OUT, NLU, CannotTeach, Change, apply
from ops.teaching.lexicon import WordChange
from ops.teaching.several import SeveralChange
from ops.teaching.talks import TalkChange

GONE = LabelState.UNDONE


@dataclass(frozen=True)
class Waiting:
    """To be put into the files, or (what was taken back) out of them."""

    labels: list[Label] = field(default_factory=list)
    lexicon: list[LexiconWord] = field(default_factory=list)
    talks: list[TalkCase] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.labels or self.lexicon or self.talks)

    @property
    def words(self) -> str:
        """For a log and a commit: 3 messages, 1 words."""
        counts = (("messages", self.labels), ("words", self.lexicon), ("conversations", self.talks))
        return ", ".join(f"{len(things)} {name}" for name, things in counts if things)


@dataclass(frozen=True)
class Written:
    """In which file each thing is, by its id; `change` is the commit or patch that carries all of it."""

    labels: dict[int, str] = field(default_factory=dict)
    lexicon: dict[int, str] = field(default_factory=dict)
    talks: dict[int, str] = field(default_factory=dict)
    change: str = ""


async def waiting(c: Community) -> Waiting:
    return Waiting(await model_jobs.to_write(c), await lexicon_words.to_write(c), await talk_cases.to_write(c))


def write(context: Context, found: Waiting, job_id: int, tell: Callable[[str], None]) -> Written:
    """Into the files, linted before anything is kept. Raises CannotTeach, with every file as it was."""
    if not found:
        return Written()
    root = context.root
    names = [*(f"{NLU}/{path.name}" for path in sorted((root / NLU).glob("*.yml"))), str(HELD_OUT), str(several.SEVERAL)]
    names += [f"{lexicon.LEXICON}/{name}" for name in lexicon.FILES.values()]
    names += [str(talks.path_of(case.id)) for case in found.talks]
    before = {name: (root / name).read_text("utf-8") if (root / name).is_file() else "" for name in names}
    fresh = training.is_fresh(root)
    try:
        # Words first: where a mark may end is asked of the lexicon that the next model reads with.
        words = lexicon.apply(root, [WordChange(w.id, w.kind, w.word, w.of, w.state is GONE) for w in found.lexicon])
        whole = [one for one in found.labels if not one.parts]
        wanted = _examples(context, whole, tell)
        where = apply(root, wanted)
        parted = [one for one in found.labels if one.parts]
        where |= several.apply(
            root, [SeveralChange(p.id, tuple((c, w) for c, w in p.parts), p.state is GONE) for p in parted]
        ) if parted else {}
        refuse(context, {one.text for one in wanted if not one.gone})
        said = talks.apply(root, [TalkChange(t.id, t.turns, t.home, t.why, t.state is GONE) for t in found.talks])
    except BaseException:
        put_back(context, before)
        raise
    message = f"Teach {found.words}\n\nAsked for by job {job_id}."
    change = changes.keep(root, context.var, before, message, job_id)
    if fresh:
        # The model that serves stays the one every start takes until another one is published: nothing may be trained unmeasured.
        training.restamp(root)
    return Written(where, words, said, change)


async def keep(c: Community, found: Waiting, done: Written) -> None:
    """Note in the database what is in the files now."""
    await model_jobs.written(c, done.labels, done.change, {one.id for one in found.labels if one.state is GONE})
    await lexicon_words.written(c, done.lexicon, done.change, {one.id for one in found.lexicon if one.state is GONE})
    await talk_cases.written(c, done.talks, done.change, {one.id for one in found.talks if one.state is GONE})


def _examples(context: Context, labels: list[Label], tell: Callable[[str], None]) -> list[Change]:
    """Marks that cut a word stay in the database: the linter refuses them, rightly, since nothing could learn from them."""
    marked = any(one.spans for one in labels)
    cutter = cutter_of(context.root / lexicon.LEXICON) if marked else None
    made = []
    for one in labels:
        edges, at = {0}, 0
        for word in cutter.lcut(one.text) if cutter is not None and one.spans else ():
            at += len(word)
            edges.add(at)
        spans = sorted(spans_of(one.spans), key=lambda span: span.start)
        whole = tuple((span.start, span.end, span.entity) for span in spans if span.start in edges and span.end in edges)
        if len(whole) < len(spans):
            tell(f"“{one.text[:20]}”：{len(spans) - len(whole)}处标记切开了词，没有写进去")
        made.append(Change(one.id, one.text, one.intent, one.category, one.held_out, one.state is GONE, whole))
    return made


def refuse(context: Context, texts: set[str]) -> None:
    """Raises CannotTeach for the linter's errors that one of these texts brought."""
    from ops.nlu.lint import lint, read_examples

    held = frozenset(row["text"] for row in compare.rows_of(context.root))
    found = lint(read_examples(context.root / NLU), lambda text: list(text), held)
    bad = [one.says for one in found if one.level == "error" and any(f"“{text}”" in one.says for text in texts)]
    if bad:
        raise CannotTeach("训练资料里有矛盾，先撤回其中一条：" + "；".join(bad[:5]))


def put_back(context: Context, before: dict[str, str]) -> None:
    for name, text in before.items():
        path = context.root / name
        if text:
            path.write_text(text, encoding="utf-8")
        else:
            path.unlink(missing_ok=True)
