"""Numbers for /stats: people, paintings by outcome, how long people wait, by day."""

from __future__ import annotations

from dataclasses import dataclass

from database.renderers import SEEN_WITHIN
from database.table import Table

DAYS = 30


@dataclass(frozen=True, slots=True)
class PeopleNumbers:
    """Who wrote to the bot in private."""

    total: int
    new_this_week: int
    today: int
    this_week: int
    left: int
    russian: int
    blocked: int


@dataclass(frozen=True, slots=True)
class Times:
    """Of finished paintings, in seconds and MB; None where nothing is finished."""

    painters: int
    """People who ever asked for a painting."""
    wait_median: float | None
    """From the promise to the picture."""
    wait_p95: float | None
    work_median: float | None
    """The painting alone."""
    work_p95: float | None
    peak_median: float | None
    peak_highest: float | None


@dataclass(frozen=True, slots=True)
class PaintingNumbers:
    """Paintings of the last 30 days: how many by state, by failure, and their times."""

    outcomes: dict[str, int]
    failures: dict[str, int]
    times: Times


@dataclass(frozen=True, slots=True)
class Facts:
    """What an owner watches; each field is a metric."""

    paintings_waiting: int
    paintings_active: int
    longest_wait_seconds: float
    renderers: int
    done_last_hour: int
    failed_last_hour: int
    median_painting_seconds: float


@dataclass(frozen=True, slots=True)
class Day:
    """How many paintings that were asked for on one day (YYYY-MM-DD) ended in which way."""

    day: str
    done: int
    stopped: int
    failed: int


class Statistics(Table):
    """Asks the database; nothing is counted anywhere else."""

    async def people(self) -> PeopleNumbers:
        """Numbers of everybody who ever wrote in private."""
        numbers = await self._row(
            PeopleNumbers,
            """
            SELECT count(*) AS total,
                count(*) FILTER (WHERE first_seen > now() - interval '7 days') AS new_this_week,
                count(*) FILTER (WHERE last_seen > now() - interval '1 day') AS today,
                count(*) FILTER (WHERE last_seen > now() - interval '7 days') AS this_week,
                count(*) FILTER (WHERE left_at IS NOT NULL) AS left,
                count(*) FILTER (WHERE coalesce(locale, language) = 'ru') AS russian,
                (SELECT count(*) FROM blocked) AS blocked
            FROM people WHERE first_seen IS NOT NULL
            """,
        )
        assert numbers
        return numbers

    async def paintings(self) -> PaintingNumbers:
        """Outcomes and times."""
        times = await self._row(
            Times,
            """
            SELECT (SELECT count(DISTINCT user_id) FROM paintings) AS painters,
                percentile_cont(0.5) WITHIN GROUP (ORDER BY waited) AS wait_median,
                percentile_cont(0.95) WITHIN GROUP (ORDER BY waited) AS wait_p95,
                percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS work_median,
                percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS work_p95,
                percentile_cont(0.5) WITHIN GROUP (ORDER BY peak_mb) AS peak_median,
                max(peak_mb) AS peak_highest
            FROM (SELECT seconds, peak_mb,
                    extract(epoch FROM ended_at - created_at)::double precision AS waited
                  FROM paintings WHERE state = 'done') done
            """,
        )
        assert times
        return PaintingNumbers(
            outcomes=await self._counts("SELECT state, count(*) FROM paintings GROUP BY 1"),
            failures=await self._counts(
                "SELECT coalesce(failure, '?'), count(*) FROM paintings WHERE state = 'failed' "
                "GROUP BY 1 ORDER BY 2 DESC LIMIT 6"
            ),
            times=times,
        )

    async def days(self) -> list[Day]:
        """The last 30 days, today's last: what `plots days` draws."""
        return await self._rows(
            Day,
            """
            SELECT to_char(day, 'YYYY-MM-DD') AS day,
                count(*) FILTER (WHERE state = 'done') AS done,
                count(*) FILTER (WHERE state = 'stopped') AS stopped,
                count(*) FILTER (WHERE state = 'failed') AS failed
            FROM generate_series(current_date - %s, current_date, interval '1 day') day
            LEFT JOIN paintings ON created_at::date = day::date
            GROUP BY 1 ORDER BY 1
            """,
            (DAYS - 1,),
        )

    async def facts(self, queue: str = "paintings") -> Facts:
        """What an owner watches, of the queue with this name."""
        facts = await self._row(
            Facts,
            """
            SELECT
                (SELECT count(*) FROM saq_jobs WHERE queue = %(q)s AND status = 'queued')
                    AS paintings_waiting,
                (SELECT count(*) FROM saq_jobs WHERE queue = %(q)s AND status = 'active')
                    AS paintings_active,
                (SELECT coalesce(extract(epoch FROM now()) - min(scheduled), 0)::float8
                    FROM saq_jobs WHERE queue = %(q)s AND status = 'queued')
                    AS longest_wait_seconds,
                (SELECT count(*) FROM renderers
                    WHERE seen_at > now() - make_interval(secs => %(seen)s)) AS renderers,
                (SELECT count(*) FROM paintings
                    WHERE state = 'done' AND changed_at > now() - interval '1 hour')
                    AS done_last_hour,
                (SELECT count(*) FROM paintings
                    WHERE state = 'failed' AND changed_at > now() - interval '1 hour')
                    AS failed_last_hour,
                (SELECT coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds), 0)
                    FROM paintings WHERE state = 'done' AND changed_at > now() - interval '1 hour')
                    AS median_painting_seconds
            """,
            {"q": queue, "seen": SEEN_WITHIN},
        )
        assert facts
        return facts
