"""Which member of staff is which member of the company in WeCom. Set by the operator on the machine."""

from __future__ import annotations

import re

from community.errors import Conflict, InvalidInput, NotFound
from community.model.people import Staff
from community.ports import Community

_USER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")


async def set_wecom(c: Community, login: str, wecom_id: str) -> Staff:
    """From now on `login` works in WeCom as this UserId; '' takes it away. What still waits for them goes to the new one."""
    wecom_id = wecom_id.strip()
    if wecom_id and not _USER_ID.fullmatch(wecom_id):
        raise InvalidInput("企业微信账号（UserID）由字母、数字和 _ - @ . 组成，最多64位。")
    async with c.uow() as uow:
        member = await uow.people.staff_by_login(login.strip(), for_update=True)
        if member is None:
            raise NotFound(f"没有账号{login.strip()[:64]}。")
        other = await uow.people.staff_by_wecom(wecom_id) if wecom_id else None
        if other is not None and other.id != member.id:
            raise Conflict(f"这个企业微信账号已登记给{other.login}。")
        member.wecom_id = wecom_id or None
        if wecom_id:
            await uow.staff_outbox.readdress(member.id, wecom_id)
        await uow.commit()
        return member
