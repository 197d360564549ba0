"""Numbers for /stats: people, paintings by outcome, how long people wait, by day."""

from __future__ import annotations

from dataclasses import dataclass

from database.pool import Pool

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
class PaintingNumbers:
    """Paintings of the last 30 days; seconds and MB are None where nothing is finished."""

    outcomes: dict[str, int]
    failures: dict[str, int]
    painters: int
    wait_median: float | None
    """From the promise to the picture."""
    wait_p95: float | None
    work_median: float | None
    """Of it, the painting alone."""
    work_p95: float | None
    peak_median: float | None
    peak_highest: float | None


class Statistics:
    """Asks the database; nothing is counted anywhere else."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def people(self) -> PeopleNumbers:
        """Everybody who ever wrote in private."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                """
                SELECT count(*),
                    count(*) FILTER (WHERE first_seen > now() - interval '7 days'),
                    count(*) FILTER (WHERE last_seen > now() - interval '1 day'),
                    count(*) FILTER (WHERE last_seen > now() - interval '7 days'),
                    count(*) FILTER (WHERE left_at IS NOT NULL),
                    count(*) FILTER (WHERE coalesce(locale, language) = 'ru'),
                    (SELECT count(*) FROM blocked)
                FROM people WHERE first_seen IS NOT NULL
                """
            )
            row = await cursor.fetchone()
        assert row
        return PeopleNumbers(*row)

    async def paintings(self) -> PaintingNumbers:
        """Outcomes and times."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute("SELECT state, count(*) FROM paintings GROUP BY 1")
            outcomes = {str(state): int(number) for state, number in await cursor.fetchall()}
            cursor = await connection.execute(
                "SELECT coalesce(failure, '?'), count(*) FROM paintings WHERE state = 'failed' "
                "GROUP BY 1 ORDER BY 2 DESC LIMIT 6"
            )
            failures = {str(kind): int(number) for kind, number in await cursor.fetchall()}
            cursor = await connection.execute(
                """
                SELECT (SELECT count(DISTINCT user_id) FROM paintings),
                    percentile_cont(0.5) WITHIN GROUP (ORDER BY waited),
                    percentile_cont(0.95) WITHIN GROUP (ORDER BY waited),
                    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds),
                    percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds),
                    percentile_cont(0.5) WITHIN GROUP (ORDER BY peak_mb), max(peak_mb)
                FROM (SELECT seconds, peak_mb,
                        extract(epoch FROM ended_at - created_at)::double precision AS waited
                      FROM paintings WHERE state = 'done') done
                """
            )
            row = await cursor.fetchone()
        assert row
        return PaintingNumbers(outcomes, failures, *row)

    async def days(self) -> list[dict[str, str | int]]:
        """The last 30 days, today's last, each with its outcomes: what `plots days` draws."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                """
                SELECT to_char(day, 'YYYY-MM-DD'),
                    count(*) FILTER (WHERE state = 'done'),
                    count(*) FILTER (WHERE state = 'stopped'),
                    count(*) FILTER (WHERE state = 'failed')
                FROM generate_series(current_date - %s, current_date, interval '1 day') day
                LEFT JOIN paintings ON created_at::date = day::date
                GROUP BY day ORDER BY day
                """,
                (DAYS - 1,),
            )
            rows = await cursor.fetchall()
        return [
            {"day": day, "done": done, "stopped": stopped, "failed": failed}
            for day, done, stopped, failed in rows
        ]
