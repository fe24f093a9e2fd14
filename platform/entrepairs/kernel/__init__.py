"""Values and rules every room shares: money, dates, clocks, errors, transitions, references, identifiers, figures.

No Flask, no SQLAlchemy: everything here is tested without a database.
"""
