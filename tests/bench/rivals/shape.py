"""What both rivals share: the shape of a submission, checked as a careful author would have it checked."""

import datetime
import hashlib
import re
import uuid
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

Line = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
QUARTER = re.compile(r"(\d{4})-q([1-4])")


class Figure(BaseModel):
    model_config = ConfigDict(extra="forbid")
    indicator: Line
    period: Line
    value: Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=2)]
    provisional: bool = False
    note: Line | None = None

    @field_validator("period")
    @classmethod
    def is_quarter(cls, text: str) -> str:
        if not QUARTER.fullmatch(text):
            raise ValueError("must be a quarter, such as 2021-q3")
        return text

    def days(self) -> tuple[datetime.date, datetime.date]:
        """The first and the last day: quarter 1 of the financial year begins in April."""
        year, quarter = map(int, QUARTER.fullmatch(self.period).groups())
        month = 1 if quarter == 4 else 1 + 3 * quarter
        year += quarter == 4
        after = datetime.date(year + (month == 10), (month + 3) % 12 or 12, 1)
        return datetime.date(year, month, 1), after - datetime.timedelta(days=1)


class Submission(BaseModel):
    model_config = ConfigDict(extra="forbid")
    partnership: Line
    cycle: Line
    figures: Annotated[list[Figure], Field(min_length=1, max_length=2000)]
    remark: Line | None = None
    request_id: uuid.UUID

    @field_validator("figures")
    @classmethod
    def once_each(cls, figures: list[Figure]) -> list[Figure]:
        if len({(figure.indicator, figure.period) for figure in figures}) < len(figures):
            raise ValueError("must answer each indicator once for a period")
        return figures


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


TABLES = """
CREATE TABLE persons (person TEXT PRIMARY KEY, name TEXT NOT NULL, partnership TEXT NOT NULL);
CREATE TABLE tokens (hash TEXT PRIMARY KEY, person TEXT NOT NULL, expires_at TEXT NOT NULL);
CREATE TABLE indicators (indicator TEXT PRIMARY KEY);
CREATE TABLE cycles (cycle TEXT PRIMARY KEY, opens_at TEXT NOT NULL, deadline_at TEXT NOT NULL);
CREATE TABLE returns (id TEXT PRIMARY KEY, partnership TEXT NOT NULL, cycle TEXT NOT NULL, state TEXT NOT NULL, revision BIGINT NOT NULL,
    UNIQUE (partnership, cycle));
CREATE TABLE revisions (id TEXT NOT NULL, revision BIGINT NOT NULL, remark TEXT, submitter TEXT NOT NULL, submitted_at TEXT NOT NULL,
    PRIMARY KEY (id, revision));
CREATE TABLE figures (id TEXT NOT NULL, revision BIGINT NOT NULL, line BIGINT NOT NULL, indicator TEXT NOT NULL, period_start TEXT NOT NULL,
    period_end TEXT NOT NULL, value TEXT NOT NULL, provisional BOOLEAN NOT NULL, note TEXT, PRIMARY KEY (id, revision, line));
CREATE TABLE audit (id TEXT PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL, new_value TEXT NOT NULL);
CREATE TABLE audit_personal (id TEXT PRIMARY KEY, origin TEXT, new_value TEXT NOT NULL);
CREATE TABLE requests (person TEXT NOT NULL, request_id TEXT NOT NULL, fingerprint TEXT NOT NULL, resource TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (person, request_id));
"""
