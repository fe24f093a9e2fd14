"""`entrepairs user`: the first accounts of an association."""

import click

ROLES = ("coordinator", "billing", "admin", "auditor")


@click.group(
    subcommand_metavar="COMMANDE [OPTIONS]…", help="Comptes : en créer un, lui donner un rôle dans l'association."
)
def command() -> None:
    """Group of the account commands."""


@command.command(help="Crée un compte. Sans mot de passe, la personne entre par un lien reçu par courriel.")
@click.option("--email", required=True, help="Adresse de la personne.")
@click.option("--name", required=True, help="Prénom et nom.")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="Rôle dans l'association (répétable).")
@click.option("--password-prompt", is_flag=True, help="Demander un mot de passe au clavier.")
def create(email: str, name: str, roles: tuple[str, ...], password_prompt: bool) -> None:
    """Create the account and its roles in one transaction."""
    from entrepairs.commands._application import Refused, edge
    from entrepairs.identity.accounts import create_account, grant_office_role
    from entrepairs.identity.models import OfficeRoleKind
    from entrepairs.kernel.errors import InvalidInput
    from entrepairs.network.emails import parse_email

    try:
        email = parse_email(email)
    except InvalidInput as error:
        raise Refused(f"« {email} » n'est pas une adresse de courriel, comme prenom.nom@exemple.fr.") from error
    password = click.prompt("Mot de passe", hide_input=True, confirmation_prompt=True) if password_prompt else None
    with edge() as at:
        account = create_account(at.session, email=email, name=name, password=password, actor=at.actor, clock=at.clock)
        for role in roles:
            grant_office_role(at.session, account, OfficeRoleKind(role), actor=at.actor, clock=at.clock)
        reference = account.ref
    click.echo(f"Compte {reference} créé pour {name} <{email}>.")


@command.command(help="Donne un rôle dans l'association à un compte existant.")
@click.option("--email", required=True, help="Adresse de la personne.")
@click.option("--role", required=True, type=click.Choice(ROLES), help="Rôle dans l'association.")
def grant(email: str, role: str) -> None:
    """Grant one role; nothing to do when the account has it."""
    from entrepairs.commands._application import Refused, edge
    from entrepairs.identity.accounts import find_account, grant_office_role
    from entrepairs.identity.models import OfficeRoleKind

    with edge() as at:
        account = find_account(at.session, email)
        if account is None:
            raise Refused(f"Aucun compte n'a l'adresse {email}.")
        grant_office_role(at.session, account, OfficeRoleKind(role), actor=at.actor, clock=at.clock)
    click.echo(f"{email} a maintenant le rôle {role}.")
