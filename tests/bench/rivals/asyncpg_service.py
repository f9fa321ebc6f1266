"""A rival: what a good FastAPI service over asyncpg does with the same submission.

    python asyncpg_service.py ADDRESS WORLD.json   makes the tables
    DATABASE=ADDRESS uvicorn asyncpg_service:app   serves

asyncpg prepares each statement once for each connection of its pool, and its executemany sends all rows in one message.
"""

import asyncio
import json
import os
import sys
import uuid
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI, Header, HTTPException, Request

from shape import TABLES, Submission, hash_of, now


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with asyncpg.create_pool(os.environ["DATABASE"], min_size=10, max_size=10) as app.state.pool:
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/health")
async def health() -> dict:
    return {"status": "serving"}


@app.post("/returns", status_code=201)
async def create_return(submission: Submission, request: Request, authorization: str = Header("")) -> dict:
    at = now().isoformat()
    body = submission.model_dump_json()
    id, print_, request_id = str(uuid.uuid4()), hash_of(body), str(submission.request_id)
    async with app.state.pool.acquire() as conn:
        row = await conn.fetchrow(
            "SELECT p.person, p.name, p.partnership FROM tokens t JOIN persons p ON p.person = t.person WHERE t.hash = $1 AND t.expires_at > $2",
            hash_of(authorization.removeprefix("Bearer ")),
            at,
        )
        if row is None:
            raise HTTPException(401, "this token opens nothing")
        person, name, partnership = row
        if partnership != submission.partnership:
            raise HTTPException(404, "there is no such partnership")
        asked = [figure.indicator for figure in submission.figures]
        known = {row[0] for row in await conn.fetch("SELECT indicator FROM indicators WHERE indicator = ANY($1)", asked)}
        for indicator in asked:
            if indicator not in known:
                raise HTTPException(422, f"{indicator}: there is no such indicator")
        try:
            async with conn.transaction():
                known = await conn.fetchrow("SELECT fingerprint, resource FROM requests WHERE person = $1 AND request_id = $2", person, request_id)
                if known is not None and known[0] != print_:
                    raise HTTPException(409, "this request id was used for something else")
                if known is None:
                    cycle = "SELECT 1 FROM cycles WHERE cycle = $1 AND opens_at <= $2 AND deadline_at >= $2 FOR SHARE"
                    if await conn.fetchrow(cycle, submission.cycle, at) is None:
                        raise HTTPException(409, "the cycle is not open")
                    await conn.execute("INSERT INTO returns VALUES ($1, $2, $3, 'submitted', 1)", id, partnership, submission.cycle)
                    await conn.execute("INSERT INTO revisions VALUES ($1, 1, $2, $3, $4)", id, submission.remark, person, at)
                    rows = []
                    for line, figure in enumerate(submission.figures):
                        start, end = figure.days()
                        rows.append((id, 1, line, figure.indicator, str(start), str(end), str(figure.value), figure.provisional, figure.note))
                    await conn.executemany("INSERT INTO figures VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", rows)
                    audit = str(uuid.uuid4())
                    open_ = json.dumps({"partnership": partnership, "cycle": submission.cycle, "state": "submitted", "revision": 1})
                    await conn.execute("INSERT INTO audit VALUES ($1, $2, $3, 'create', $4, $5)", audit, at, person, id, open_)
                    await conn.execute("INSERT INTO audit_personal VALUES ($1, $2, $3)", audit, request.client.host, body)
                    await conn.execute("INSERT INTO requests VALUES ($1, $2, $3, $4, $5)", person, request_id, print_, id, at)
                else:
                    id = known[1]
        except asyncpg.UniqueViolationError:
            raise HTTPException(409, "there is a return for this cycle") from None
    return {"name": id, "state": "submitted", "revision": 1, "submitter": name, "submit_time": at, **json.loads(body)}


async def prepare(address: str, world: dict) -> None:
    conn = await asyncpg.connect(address)
    await conn.execute(TABLES)
    await conn.executemany("INSERT INTO persons VALUES ($1, $2, $3)", [(o["person"], o["name"], o["partnership"]) for o in world["officers"]])
    await conn.executemany("INSERT INTO tokens VALUES ($1, $2, '9999')", [(hash_of(o["token"]), o["person"]) for o in world["officers"]])
    await conn.executemany("INSERT INTO indicators VALUES ($1)", [(indicator,) for indicator in world["indicators"]])
    await conn.executemany("INSERT INTO cycles VALUES ($1, '2000', '9999')", [(cycle,) for cycle in world["cycles"]])
    await conn.close()


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as world:
        asyncio.run(prepare(sys.argv[1], json.load(world)))
