"""Background work: thin Celery tasks over the use cases of `entrepairs`."""
