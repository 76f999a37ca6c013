"""The small city with a morning's work in it, for tests of the console: tickets in several states, two who wait."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

from PIL import Image

from community.model.category import Category
from community.model.conversation import Topic
from community.ports import Community
from community.services import conversations, desk, inbound, tickets, webchat
from community.services.tickets import FileTicket
from tests.conftest import FakeClock
from tests.small_city import SmallCity, build_small_city

NASTY = "<img src=x onerror=\"document.title='pwned'\"> {{ 7*7 }} `${1}` 楼道灯不亮"
"""Words that would act if any page took them for more than plain text."""


@dataclass
class ConsoleCity:
    city: SmallCity
    numbers: dict[str, str] = field(default_factory=dict)
    photo: str = ""
    other_photo: str = ""


def jpeg(colour: tuple[int, int, int] = (90, 140, 130), size: tuple[int, int] = (640, 480)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "JPEG")
    return buffer.getvalue()


async def build_console_city(c: Community, clock: FakeClock) -> ConsoleCity:
    """Seed at and around the clock's time; the clock ends where it was."""
    made = ConsoleCity(await build_small_city(c))
    city, now = made.city, clock.now()
    made.photo = (await webchat.store_photo(c, city.residents["R0001"].id, jpeg())).hash
    made.other_photo = (await webchat.store_photo(c, city.residents["R0004"].id, jpeg((170, 90, 80)))).hash

    async def file(name: str, who: str, category: Category, words: str, room: str, **more: object) -> str:
        place = city.places[room]
        command = FileTicket(
            city.residents[who].id,
            category,
            words,
            place.full_name,
            place.id,
            f"seed:{name}",
            **more,  # type: ignore[arg-type]
        )
        made.numbers[name] = (await tickets.file_ticket(c, command)).ticket.number
        return made.numbers[name]

    grid1, desk1, grid3 = (city.staff[login].id for login in ("grid1", "desk1", "grid3"))
    clock.time = now
    clock.forward(days=-6)
    number = await file("old", "R0001", Category.LEAK, "卫生间天花板渗水", "剡溪花园/3/2/502", contact="13800000001")
    clock.forward(hours=1)
    await desk.start(c, grid1, number)
    await desk.resolve(c, grid1, number, "楼上更换了水管，已不漏。")
    await tickets.confirm(c, city.residents["R0001"].id, number, "seed:old:confirm")
    clock.time = now
    clock.forward(days=-5)
    await file(
        "late", "R0001", Category.LIGHTING, NASTY, "剡溪花园/3/2/502", photos=(made.photo,), contact="13800000001"
    )
    clock.time = now
    clock.forward(hours=-1)
    await file("new", "R0002", Category.ELEVATOR, "3幢1单元电梯停在5楼不动了，门也打不开", "剡溪花园/3/1/101")
    number = await file("working", "R0002", Category.NOISE, "隔壁每天早上六点装修，吵得睡不着", "剡溪花园/3/1/101")
    await desk.accept(c, grid1, number)
    await desk.start(c, grid1, number)
    number = await file("resolved", "R0001", Category.SANITATION, "垃圾桶满了没人收", "剡溪花园/3/2/502")
    await desk.start(c, grid1, number)
    await desk.resolve(c, grid1, number, "已联系物业清运。")
    await file("grid2", "R0003", Category.PARKING, "消防车位被占", "剡溪花园/5/1/101")
    await file("other", "R0004", Category.PETS, "有人遛狗不牵绳", "鹿山苑/1/1/502", photos=(made.other_photo,))
    assert grid3
    assert desk1
    await talk(c, city, "R0001", Topic.GENERAL, ("你好", "我家漏水的事想找人说"), "居民要求转人工")
    clock.forward(minutes=30)
    await talk(c, city, "R0002", Topic.LEGAL, ("房东不退押金怎么办", "我要找律师"), "想咨询押金")
    await inbound.receive(
        c, inbound.Incoming("webchat", city.residents["R0001"].id, "seed:photo", photos=(made.photo,))
    )
    clock.time = now
    return made


async def talk(c: Community, city: SmallCity, who: str, topic: Topic, said: tuple[str, ...], reason: str) -> None:
    resident = city.residents[who].id
    for place, words in enumerate(said):
        await inbound.receive(c, inbound.Incoming("webchat", resident, f"seed:{who}:{place}", words))
    await conversations.ask_person(c, resident, topic, reason, f"seed:{who}:ask")
