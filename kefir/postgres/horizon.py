"""Until when everything that was stamped has been committed (adr/0012), for whoever reads changes by their stamps."""

# What is stamped before this is committed, and seen by whoever looks afterwards: each transaction that has written
# is in this list until then, and has stamped nothing before it began. One that has not written yet will stamp later
# than now. Of one that shows no time we wait for the end.
# To be asked before looking: what is read in one statement with it is read too early.
HORIZON = """
    SELECT least(statement_timestamp(), min(coalesce(xact_start, 'epoch')))
    FROM pg_stat_activity
    WHERE backend_xid IS NOT NULL AND datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type <> 'autovacuum worker'
"""
