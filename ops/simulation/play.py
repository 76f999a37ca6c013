"""What residents and staff do in the simulation, drawn from one seed. Every step goes through the services."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random

from community.errors import LinsheError
from community.model.calendar import SHANGHAI, IsWorkday, add_working_time
from community.model.category import Category, Urgency
from community.model.incident import BY_BUILDING
from community.model.ticket import OPEN, Move, Outcome, Status, Ticket
from community.ports import Community
from community.services import desk, incident_acts, incidents, promise_clock, tickets
from community.services.clock import close_silent
from community.services.tickets import FileTicket
from ops.simulation.city import City

Act = Callable[[], Awaitable[None]]

# Shares of what people do. Made up, and wide enough that every way through the loop is walked thousands of times.
NEVER_ACCEPTS, LATE_TO_ACCEPT = 0.04, 0.12
NEVER_RESOLVES, LATE_TO_RESOLVE = 0.04, 0.12
PAUSES, RETURNS, TRANSFERS, EXPLAINS = 0.06, 0.03, 0.03, 0.15
SILENT, NOT_DONE, PARTLY = 0.30, 0.12, 0.04
URGES, WITHDRAWS, DANGERS = 0.10, 0.03, 0.02
OUTAGES, TAKEN_OUT, CLOSED_AT_ONCE = 0.01, 0.15, 0.6
"""Of what is filed: a building without water, power or gas, where up to eight neighbours report it in minutes; of its tickets those that
staff take out again; of incidents those that are closed with one sentence."""


@dataclass
class Play:
    city: City
    c: Community
    is_workday: IsWorkday
    random: Random
    moves: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    _queue: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _number: int = 0
    _plans: dict[int, tuple[int | None, Status]] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.city.clock.time

    def at(self, moment: datetime, act: Act) -> None:
        self._number += 1
        heapq.heappush(self._queue, (moment, self._number, act))

    async def run(self, number: int, tell: Callable[[str], None]) -> None:
        """File `number` tickets over the days, most of them by day, and let everything after come to its end."""
        for index in range(number):
            day = self.city.first_day + timedelta(days=self.random.randrange(self.city.days))
            hour = min(23.9, max(0.0, self.random.gauss(14, 4)))
            filed = datetime.combine(day, time(0), SHANGHAI) + timedelta(hours=hour, seconds=self.random.random())
            self.at(filed, self._filing(index))
        end = datetime.combine(self.city.first_day + timedelta(days=self.city.days), time(0), SHANGHAI)
        told = 0
        while self._queue and self._queue[0][0] <= end:
            moment, _, act = heapq.heappop(self._queue)
            await self._clock_until(moment)
            self.city.clock.time = max(moment, self.now)
            try:
                await act()
            except LinsheError as error:
                self.refused[error.code] += 1
            passed = (self.now.astimezone(SHANGHAI).date() - self.city.first_day).days
            if passed >= told + 10:
                told = passed
                tell(f"day {passed}: {len(self.city.memory.tickets.all)} tickets")
        await self._clock_until(end)
        self.city.clock.time = end

    async def _clock_until(self, moment: datetime) -> None:
        """The clock looks whenever there is something to do, as it does every few seconds."""
        rows = self.city.memory.tickets
        while (due := rows.next_moment()) is not None and due <= moment:
            # Silence closes what was resolved longer ago than three days, not what is just as old.
            self.city.clock.time = max(self.now, due + timedelta(microseconds=1))
            await promise_clock.run(self.c)
            await close_silent(self.c)
            looked, rows.looked = rows.looked, []
            for ticket_id in looked:
                self._plan(rows.all[ticket_id])

    def _filing(self, index: int) -> Act:
        async def act() -> None:
            who = self.random.randrange(len(self.city.residents))
            resident, room = self.city.residents[who], self.city.rooms[who]
            category = self.random.choice(list(Category))
            urgency = Urgency.DANGER if self.random.random() < DANGERS else None
            cmd = FileTicket(resident.id, category, f"第{index}件事", room.full_name, room.id, f"file-{index}", urgency=urgency)
            if self.random.random() < OUTAGES:
                self._outage(who, index)
            await self._file(cmd)

        return act

    def _outage(self, who: int, index: int) -> None:
        """The ten homes of a building stand together in the order of the residents; some report twice."""
        category = self.random.choice(sorted(BY_BUILDING))
        first = who // 10 * 10
        for number in range(self.random.randint(3, 8)):
            who = first + self.random.randrange(10)
            resident, room = self.city.residents[who], self.city.rooms[who]
            words = f"第{index}次停，第{number}个说"
            cmd = FileTicket(resident.id, category, words, room.full_name, room.id, f"outage-{index}-{number}")

            async def report(cmd: FileTicket = cmd) -> None:
                await self._file(cmd)

            self.at(self.now + timedelta(minutes=self.random.uniform(0, 40)), report)
        self.at(self.now + timedelta(hours=self.random.uniform(1, 72)), self._together(first, category))

    def _together(self, first: int, category: Category) -> Act:
        """Somebody of the community's desk looks at the incident of this building."""

        async def act() -> None:
            rooms = {room.id for room in self.city.rooms[first : first + 10]}
            rows = self.city.memory.tickets.all.values()
            here = [t for t in rows if t.place_id in rooms and t.category is category and t.incident_id and t.status in OPEN]
            if not here:
                return
            desk_member = (await self.city.memory.people.staff_of_place(here[0].community_id or 0))[0].id
            for ticket in here:
                if self.random.random() < TAKEN_OUT:
                    await incidents.take_out(self.c, desk_member, ticket.number, f"out-{ticket.id}-{self._number}")
                    self._count(Move.UNMERGE)
            left = [ticket for ticket in here if ticket.incident_id]
            if left and self.random.random() < CLOSED_AT_ONCE:
                incident, key = left[0].incident_id or 0, f"close-{left[0].id}-{self._number}"
                await incident_acts.resolve(self.c, desk_member, incident, "来水来电了，我去看过", key)
                self.moves["closed at once"] += 1
                for ticket in left:
                    if ticket.status is Status.RESOLVED:
                        self._answer(ticket)

        return act

    async def _file(self, cmd: FileTicket) -> None:
        """File it, and let its resident urge it or take it back, perhaps."""
        detail = await tickets.file_ticket(self.c, cmd)
        self._count(Move.FILE)
        ticket = self.city.memory.tickets.all[detail.ticket.id]
        self._plan(ticket)
        for share, what in ((URGES, self._urge), (WITHDRAWS, self._withdraw)):
            if self.random.random() < share:
                self.at(self.now + timedelta(hours=self.random.uniform(1, 96)), self._resident(ticket, what))

    def _count(self, move: Move) -> None:
        self.moves[move.value] += 1

    def _resident(self, ticket: Ticket, what: Callable[[Ticket], Awaitable[None]]) -> Act:
        async def act() -> None:
            await what(ticket)

        return act

    async def _urge(self, ticket: Ticket) -> None:
        await tickets.urge(self.c, ticket.resident_id or 0, ticket.number, f"urge-{ticket.id}-{self._number}")
        self._count(Move.URGE)

    async def _withdraw(self, ticket: Ticket) -> None:
        await tickets.withdraw(self.c, ticket.resident_id or 0, ticket.number, "不用了", f"withdraw-{ticket.id}")
        self._count(Move.WITHDRAW)

    def _plan(self, ticket: Ticket) -> None:
        """Whoever has the ticket now decides when to do what comes next."""
        state = (ticket.holder_id, ticket.status)
        if ticket.status not in OPEN or self._plans.get(ticket.id) == state:
            return
        self._plans[ticket.id] = state
        if ticket.status in (Status.DISPATCHED, Status.RETURNED):
            self._later(ticket, self._take(ticket), NEVER_ACCEPTS, LATE_TO_ACCEPT, timedelta(hours=2))
        elif ticket.status is not Status.PAUSED:
            self._later(ticket, self._work(ticket), NEVER_RESOLVES, LATE_TO_RESOLVE, timedelta(hours=30))

    def _later(self, ticket: Ticket, act: Act, never: float, late: float, usual: timedelta) -> None:
        drawn = self.random.random()
        if drawn < never:
            return
        hours = usual * (self.random.uniform(0.02, 0.6) if drawn > never + late else self.random.uniform(1.0, 4.0))
        state = (ticket.holder_id, ticket.status)

        async def still() -> None:
            if (ticket.holder_id, ticket.status) == state:
                await act()
                self._plan(ticket)

        self.at(add_working_time(self.now, hours, self.is_workday), still)

    def _take(self, ticket: Ticket) -> Act:
        async def act() -> None:
            holder, drawn = ticket.holder_id or 0, self.random.random()
            if ticket.status is Status.DISPATCHED and drawn < RETURNS:
                await desk.return_ticket(self.c, holder, ticket.number, "不归我管")
                self._count(Move.RETURN)
            elif drawn < RETURNS + TRANSFERS:
                options = await self._others(ticket)
                if options:
                    await desk.transfer(self.c, holder, ticket.number, self.random.choice(options), "请帮忙")
                    self._count(Move.TRANSFER)
            else:
                await desk.accept(self.c, holder, ticket.number)
                self._count(Move.ACCEPT)

        return act

    async def _others(self, ticket: Ticket) -> list[int]:
        people = self.city.memory.people
        below = [p for p in (ticket.grid_id, ticket.community_id) if p]
        return [s.id for place in below for s in await people.staff_of_place(place) if s.id != ticket.holder_id]

    def _work(self, ticket: Ticket) -> Act:
        async def act() -> None:
            holder = ticket.holder_id or 0
            if self.random.random() < PAUSES:
                until = self.now + timedelta(days=self.random.uniform(1, 14))
                await desk.pause(self.c, holder, ticket.number, "等配件到货", until)
                self._count(Move.PAUSE)
                if self.random.random() < 0.3:
                    early = self.now + (until - self.now) * self.random.random()
                    self.at(early, self._go_on(ticket))
                return
            outcome = Outcome.EXPLAINED if self.random.random() < EXPLAINS else Outcome.SOLVED
            await desk.resolve(self.c, holder, ticket.number, "已经处理了", outcome=outcome)
            self._count(Move.RESOLVE)
            self._answer(ticket)

        return act

    def _go_on(self, ticket: Ticket) -> Act:
        async def act() -> None:
            if ticket.status is Status.PAUSED:
                await desk.resume(self.c, ticket.holder_id or 0, ticket.number, "提前到货")
                self._count(Move.RESUME)
                self._plan(ticket)

        return act

    def _answer(self, ticket: Ticket) -> None:
        drawn, resolved = self.random.random(), ticket.resolved_at
        if drawn < SILENT:
            return

        async def act() -> None:
            if ticket.resolved_at != resolved or ticket.status is not Status.RESOLVED:
                return
            who = ticket.resident_id or 0
            if drawn < SILENT + NOT_DONE:
                partly = drawn < SILENT + PARTLY
                part = partly and ticket.outcome is Outcome.SOLVED
                key = f"reopen-{ticket.id}-{ticket.reopen_count}"
                await tickets.reopen(self.c, who, ticket.number, "还没好", key, partly=partly)
                self._count(Move.PARTLY if part else Move.REOPEN)
                self._plan(ticket)
                return
            await tickets.confirm(self.c, who, ticket.number, f"confirm-{ticket.id}-{ticket.reopen_count}")
            self._count(Move.CONFIRM)

        self.at(self.now + timedelta(hours=self.random.uniform(0.2, 60)), act)
