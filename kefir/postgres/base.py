import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Django asks `SELECT 1` before each request. A server that went away has hung up, which the socket tells."""
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.pgconn.socket, select.POLLIN | select.POLLPRI)
        # Nothing is to come where nothing was asked: what is there is a farewell, or a hang-up.
        return not poll.poll(0)
