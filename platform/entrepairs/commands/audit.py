"""`entrepairs audit`: is the trail whole?"""

import click


@click.group(subcommand_metavar="COMMANDE [OPTIONS]…", help="Journal : vérifier que personne ne l'a retouché.")
def command() -> None:
    """Group of the trail's commands."""


@command.command(help="Vérifie la chaîne des scellés. Code de sortie 1 si une ligne a été changée ou effacée.")
def verify() -> None:
    """Check every seal against what it covers; say which ones no longer match."""
    from sqlalchemy import func, select

    from entrepairs.audit.models import AuditEntry, AuditSeal
    from entrepairs.audit.sealing import verify as broken_seals
    from entrepairs.commands._application import Refused, edge

    with edge() as at:
        broken = broken_seals(at.session)
        seals, upto = at.session.execute(select(func.count(), func.coalesce(func.max(AuditSeal.upto_id), 0))).one()
        waiting = at.session.scalar(select(func.count()).where(AuditEntry.id > upto))
    if broken:
        numbers = ", ".join(str(number) for number in broken)
        raise Refused(f"Le journal a été modifié : ces scellés ne correspondent plus à ce qu'ils couvrent : {numbers}.")
    click.echo(f"Le journal est intact : {seals} scellés vérifiés, {waiting} lignes récentes pas encore scellées.")
