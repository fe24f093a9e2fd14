"""`/accessibilite`: the honest declaration."""

from flask import current_app, render_template


def accessibility() -> str:
    """What was checked, what was not, whom to write to. Config `CONTACT_EMAIL` is shown when it is set."""
    return render_template("public/accessibility.html", contact=current_app.config.get("CONTACT_EMAIL") or "")
