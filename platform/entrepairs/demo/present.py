"""The last touches of the present morning: two letters of last week that the office still has to look at."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from entrepairs.demo.story import Story
from entrepairs.messages.models import Message, MessageState
from entrepairs.settings.demo_clock import START

TROUBLED: Final = (
    ("missions.order", MessageState.IN_DOUBT, "the line was cut before the server's answer (ConnectionResetError)"),
    ("missions.confirm_service", MessageState.FAILED, "552 5.2.2 mailbox full"),
)
"""The latest letter of a kind, how it ended, and what the mail server said."""


def leave_two_letters_in_trouble(story: Story) -> None:
    """One refused by its server, one cut at the hand-over: both are shown, neither leaves again by itself."""
    for kind, state, why in TROUBLED:
        message = story.session.scalars(
            select(Message)
            .where(Message.kind == kind, Message.created_at > START - timedelta(weeks=4))
            .order_by(Message.id.desc())
            .limit(1)
            .execution_options(populate_existing=True)
        ).one()
        message.state, message.last_error, message.sent_at = state, why, None
    story.session.flush()
