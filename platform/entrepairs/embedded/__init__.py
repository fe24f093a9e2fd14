"""A local PostgreSQL and Valkey for the demo, development and the tests.

Words: a *folder* keeps what must survive a stop (cluster, keys, logs, secrets); a *socket folder* is the
short path where both servers listen; a *child* is one process under our *supervisor*. Nothing here knows the
rest of Entrepairs, and a deployment that gives `DATABASE_URL` and `REDIS_URL` never loads it.
"""
