"""A rival: what a good FastAPI service over sqlite3 does with the same submission.

    python sqlite3_service.py FILE WORLD.json      makes the database
    DATABASE=FILE uvicorn sqlite3_service:app      serves

The endpoint is a plain function, so FastAPI runs it in its pool of threads; each thread keeps a connection, and a lock lets one
write at a time, which costs less than having them find the database locked.
"""

import json
import os
import sqlite3
import sys
import threading
import uuid

from fastapi import FastAPI, Header, HTTPException, Request

from shape import TABLES, Submission, hash_of, now

app = FastAPI()
local = threading.local()
writing = threading.Lock()


def connect(file: str) -> sqlite3.Connection:
    conn = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=30)
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = FULL")
    return conn


def own() -> sqlite3.Connection:
    if not hasattr(local, "conn"):
        local.conn = connect(os.environ["DATABASE"])
    return local.conn


@app.get("/health")
def health() -> dict:
    return {"status": "serving"}


@app.post("/returns", status_code=201)
def create_return(submission: Submission, request: Request, authorization: str = Header("")) -> dict:
    conn, at = own(), now().isoformat()
    row = conn.execute(
        "SELECT p.person, p.name, p.partnership FROM tokens t JOIN persons p ON p.person = t.person WHERE t.hash = ? AND t.expires_at > ?",
        (hash_of(authorization.removeprefix("Bearer ")), at),
    ).fetchone()
    if row is None:
        raise HTTPException(401, "this token opens nothing")
    person, name, partnership = row
    if partnership != submission.partnership:
        raise HTTPException(404, "there is no such partnership")
    for figure in submission.figures:
        if conn.execute("SELECT 1 FROM indicators WHERE indicator = ?", (figure.indicator,)).fetchone() is None:
            raise HTTPException(422, f"{figure.indicator}: there is no such indicator")
    body = submission.model_dump_json()
    id, print_, request_id = str(uuid.uuid4()), hash_of(body), str(submission.request_id)
    with writing:
        conn.execute("BEGIN IMMEDIATE")
        try:
            known = conn.execute("SELECT fingerprint, resource FROM requests WHERE person = ? AND request_id = ?", (person, request_id)).fetchone()
            if known is not None and known[0] != print_:
                raise HTTPException(409, "this request id was used for something else")
            if known is None:
                cycle = conn.execute("SELECT 1 FROM cycles WHERE cycle = ? AND opens_at <= ? AND deadline_at >= ?", (submission.cycle, at, at))
                if cycle.fetchone() is None:
                    raise HTTPException(409, "the cycle is not open")
                conn.execute("INSERT INTO returns VALUES (?, ?, ?, 'submitted', 1)", (id, partnership, submission.cycle))
                conn.execute("INSERT INTO revisions VALUES (?, 1, ?, ?, ?)", (id, submission.remark, person, at))
                rows = []
                for line, figure in enumerate(submission.figures):
                    start, end = figure.days()
                    rows.append((id, 1, line, figure.indicator, str(start), str(end), str(figure.value), figure.provisional, figure.note))
                conn.executemany("INSERT INTO figures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
                audit = str(uuid.uuid4())
                open_ = json.dumps({"partnership": partnership, "cycle": submission.cycle, "state": "submitted", "revision": 1})
                conn.execute("INSERT INTO audit VALUES (?, ?, ?, 'create', ?, ?)", (audit, at, person, id, open_))
                conn.execute("INSERT INTO audit_personal VALUES (?, ?, ?)", (audit, request.client.host, body))
                conn.execute("INSERT INTO requests VALUES (?, ?, ?, ?, ?)", (person, request_id, print_, id, at))
            else:
                id = known[1]
            conn.execute("COMMIT")
        except sqlite3.IntegrityError:
            conn.execute("ROLLBACK")
            raise HTTPException(409, "there is a return for this cycle") from None
        except BaseException:
            conn.execute("ROLLBACK")
            raise
    return {"name": id, "state": "submitted", "revision": 1, "submitter": name, "submit_time": at, **json.loads(body)}


def prepare(file: str, world: dict) -> None:
    conn = connect(file)
    conn.executescript(TABLES)
    conn.execute("BEGIN")
    conn.executemany("INSERT INTO persons VALUES (?, ?, ?)", [(o["person"], o["name"], o["partnership"]) for o in world["officers"]])
    conn.executemany("INSERT INTO tokens VALUES (?, ?, '9999')", [(hash_of(o["token"]), o["person"]) for o in world["officers"]])
    conn.executemany("INSERT INTO indicators VALUES (?)", [(indicator,) for indicator in world["indicators"]])
    conn.executemany("INSERT INTO cycles VALUES (?, '2000', '9999')", [(cycle,) for cycle in world["cycles"]])
    conn.execute("COMMIT")
    conn.close()


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as world:
        prepare(sys.argv[1], json.load(world))
