"""Errors of the database, for the rooms that do not know psycopg."""

from __future__ import annotations

from psycopg import Error, OperationalError
from psycopg.errors import IdleInTransactionSessionTimeout
from psycopg_pool import PoolTimeout

AWAY = (OperationalError, PoolTimeout, IdleInTransactionSessionTimeout)
"""Errors that pass when the database comes back, or this process does."""
FAILED = (Error, PoolTimeout)
"""Every error of the database."""


class CannotOpen(Exception):
    """The database can't be opened; the message is one line for the owner."""


class NewerSchema(Exception):
    """A later version of this program has changed the database in a way that this one can't use."""
