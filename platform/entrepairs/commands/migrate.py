"""`entrepairs migrate`: bring the database to the last migration, as the owner of its tables."""

import os

import click


@click.command(help="Met la base à son dernier état (par MIGRATION_DATABASE_URL, sinon DATABASE_URL).")
@click.option("--sql", is_flag=True, help="Montre les ordres SQL sans les exécuter.")
def command(sql: bool) -> None:
    """Run the migrations up to head."""
    from flask_migrate import upgrade

    from entrepairs.commands._application import application_of_owner

    with application_of_owner(os.environ).app_context():
        upgrade(sql=sql)
    if not sql:
        click.echo("La base est à jour.")
