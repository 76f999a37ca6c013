"""What hangs on some of the demo tickets: a mediation with its second side, a request that a volunteer has taken."""

from __future__ import annotations

from datetime import datetime, timedelta

from community.model.care import CARE_KIND, CareState, CareTask
from community.model.mediation import Mediation, MediationLine
from community.model.people import Actor
from community.model.ticket import Move
from community.model.volunteer import Activity, Shift, Signup, SignupStatus
from community.store.seed.rows import Row
from community.store.seed.tickets import Cast, Play
from community.store.uow import SqlUnitOfWork

MEDIATES, HELPS = Actor.system("调解"), Actor.system("志愿者")


def play_between(play: Play) -> None:
    """The lines that staff read in the ticket's history. After its steps, before it is kept."""
    if spec := play.spec.get("mediation"):
        play.wait(timedelta(minutes=5))
        play.note(MEDIATES, f"已邀请另一方，事由：{spec['subject']}")
        play.wait(timedelta(minutes=40))
        play.note(MEDIATES, "另一方愿意调解")
    if spec := play.spec.get("care"):
        play.note(HELPS, f"请志愿者：{spec['what']}；等居民同意")
        play.wait(timedelta(minutes=20))
        play.note(HELPS, "居民同意，已问附近的志愿者")
        play.wait(timedelta(minutes=30))
        play.move(Move.START, HELPS, f"志愿者{play.cast.residents[spec['volunteer']].name}接了")


async def add_between(uow: SqlUnitOfWork, cast: Cast, play: Play, midnight: datetime) -> None:
    """The rows beside a ticket that is kept by now."""
    if spec := play.spec.get("mediation"):
        await _mediation(uow, cast, play, spec, midnight)
    if spec := play.spec.get("care"):
        await _care(uow, cast, play, spec, midnight)


async def _mediation(uow: SqlUnitOfWork, cast: Cast, play: Play, spec: Row, midnight: datetime) -> None:
    second = cast.residents[spec["second"]]
    holder = cast.members[play.ticket.holder_id or 0]
    place = await uow.places.get(second.room_id or 0)
    began = play.now - timedelta(minutes=45)
    mediation = Mediation(0, play.ticket.id, began, subject=spec["subject"])
    mediation.name(place.full_name if place is not None else "", second.room_id)
    mediation.invite(second.id, spec["subject"], began + timedelta(minutes=5))
    mediation.answer(True, play.now)
    mediation.meet_at, mediation.meet_place = midnight + timedelta(days=spec["meet_in"], hours=14, minutes=30), spec["meet_place"]
    await uow.mediations.add(mediation)
    for n, (who, text) in enumerate(line.split(" ", 1) for line in spec["lines"]):
        actor = Actor.of_staff(holder) if who == "mediator" else Actor.of_resident(second)
        at = play.now + timedelta(minutes=10 * (n + 1))
        if at >= midnight:
            raise ValueError(f"not over before the day of seeding: {text}")
        await uow.mediations.add_line(MediationLine(0, mediation.id, at, actor.kind, actor.id, actor.name, text))


async def _care(uow: SqlUnitOfWork, cast: Cast, play: Play, spec: Row, midnight: datetime) -> None:
    volunteer = cast.residents[spec["volunteer"]]
    ticket = play.ticket
    estate = await uow.places.get(ticket.estate_id or 0)
    holder = cast.members[ticket.holder_id or 0]
    near = estate.name if estate is not None else ""
    activity = Activity(0, spec["what"], CARE_KIND, "", near, ticket.community_id or 0, holder.name)
    await uow.volunteering.add_activity(activity)
    starts = midnight + timedelta(days=spec["in_days"], hours=9)
    shift = Shift(0, activity.id, starts, starts + timedelta(hours=spec["hours"]), 1, 1)
    await uow.volunteering.add_shift(shift)
    await uow.volunteering.add_signup(Signup(0, shift.id, volunteer.id, SignupStatus.SIGNED_UP, play.now, play.now))
    task = CareTask(0, ticket.id, shift.id, spec["what"], CareState.TAKEN, starts - timedelta(hours=2), play.now, volunteer.id)
    await uow.care.add(task)
