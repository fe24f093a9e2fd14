"""`entrepairs migrate`: bring the database to the last migration, as the owner of its tables, with its reference data."""

import os

import click


@click.command(help="Met la base à son dernier état (par MIGRATION_DATABASE_URL, sinon DATABASE_URL).")
@click.option("--sql", is_flag=True, help="Montre les ordres SQL sans les exécuter.")
@click.option("--tables-only", is_flag=True, help="Sans le plan de comptes, les communes ni le catalogue.")
def command(sql: bool, tables_only: bool) -> None:
    """Run the migrations up to head, then write the chart, the communes and the palette that are missing."""
    from flask_migrate import upgrade

    from entrepairs.commands._application import application_of_owner
    from entrepairs.commands._reference import bring_reference
    from entrepairs.extensions import db
    from entrepairs.kernel.clock import SystemClock

    with application_of_owner(os.environ).app_context():
        upgrade(sql=sql)
        if sql:
            return
        added = 0 if tables_only else bring_reference(db.session(), clock=SystemClock())
        db.session.commit()
    click.echo("La base est à jour.")
    if added:
        click.echo(f"Le catalogue a {added} propositions nouvelles : leurs prix sont à fixer, à /a/catalogue.")
