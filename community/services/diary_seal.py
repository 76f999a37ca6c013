"""After an upgrade: what notes from before their words were kept secret say is sealed."""

from __future__ import annotations

from community.ports import Community

BATCH = 500


async def seal(c: Community) -> int:
    """Seal every note that is not, and return how many. Each batch is a transaction: stopped half way, the next call goes on."""
    done = 0
    while True:
        async with c.uow() as uow:
            entries = await uow.diary.unsealed(BATCH)
            for entry in entries:
                entry.text, entry.sealed = c.vault.encrypt(entry.text), True
            await uow.commit()
        if not entries:
            return done
        done += len(entries)
