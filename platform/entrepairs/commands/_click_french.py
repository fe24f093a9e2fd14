"""What Click says of itself, in French whatever the machine's language.

Click asks gettext, which follows the environment of whoever types; these commands speak French to everyone, as their own
help does.
"""

from importlib import import_module
from typing import Final

SAID: Final = {
    "Usage:": "Usage :",
    "Options": "Options",
    "Positional arguments": "Arguments",
    "Commands": "Commandes",
    "Show this message and exit.": "Montre cette aide.",
    "default: {default}": "sans cela : {default}",
    "env var: {var}": "variable : {var}",
    "required": "obligatoire",
    "deprecated": "à ne plus employer",
    "Error: {message}": "{message}",
    "Try '{command} {option}' for help.": "L'aide : {command} {option}",
    "Aborted!": "Abandonné.",
    "Do you want to continue?": "Continuer ?",
    "Missing command.": "Il manque la commande.",
    "Missing argument": "Il manque",
    "Missing option": "Il manque l'option",
    "Missing parameter": "Il manque",
    "Missing parameter: {param_name}": "Il manque {param_name}",
    "No such option {name!r}.": "L'option {name} n'existe pas.",
    "No such command {name!r}.": "La commande {name} n'existe pas.",
    "Invalid value: {message}": "{message}",
    "Invalid value for {param_hint}: {message}": "{param_hint} : {message}",
    "Option {name!r} does not take a value.": "L'option {name} n'attend pas de valeur.",
    "Could not open file {filename!r}: {message}": "Le fichier {filename} ne s'ouvre pas : {message}",
    "Choose from:\n\t{choices}": "Au choix :\n\t{choices}",
    "{value} is not in the range {range}.": "{value} est hors des bornes ({range}).",
    "{value!r} is not a valid {number_type}.": "« {value} » n'est pas un nombre qui convient ({number_type}).",
    "{value!r} is not a valid boolean. Recognized values: {states}": "« {value} » n'est ni oui ni non ({states}).",
    "{name} {filename!r} is a file.": "{filename} est un fichier.",
    "{name} {filename!r} is a directory.": "{filename} est un dossier.",
    "{name} {filename!r} is not readable.": "{filename} ne peut pas être lu.",
    "{name} {filename!r} is not writable.": "{filename} ne peut pas être écrit.",
    "{name} {filename!r} does not exist.": "{filename} n'existe pas.",
}
"""By Click's own sentences; one that is not here stays in English."""
SAID_BY_NUMBER: Final = {
    "Got unexpected extra argument ({args})": (
        "Il y a un mot de trop : {args}",
        "Il y a des mots de trop : {args}",
    ),
    "Did you mean {possibility}?": ("Vouliez-vous dire {possibility} ?", "Peut-être : {possibilities}"),
    "Option {name!r} requires an argument.": (
        "L'option {name} attend une valeur.",
        "L'option {name} attend {nargs} valeurs.",
    ),
    "{value!r} is not {choice}.": ("« {value} » n'est pas {choice}.", "« {value} » n'est pas parmi : {choices}."),
}
"""By the singular: what is said of one, and of several."""
_SPEAKING: Final = ("core", "decorators", "exceptions", "formatting", "parser", "termui", "types")


def _one(sentence: str) -> str:
    return SAID.get(sentence, sentence)


def _by_number(one: str, several: str, number: int) -> str:
    return SAID_BY_NUMBER.get(one, (one, several))[number > 1]


_ASKED: Final = {"_": _one, "ngettext": _by_number}


def speak_french() -> None:
    """Have Click's modules ask here instead of gettext."""
    for name in _SPEAKING:
        module = vars(import_module(f"click.{name}"))
        module.update({each: asked for each, asked in _ASKED.items() if each in module})
