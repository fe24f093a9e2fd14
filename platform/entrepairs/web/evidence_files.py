"""The paper of a qualification as a download. The view has checked who asks."""

import io

from flask import send_file
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from entrepairs.documents.storing import read_file
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.network.models import Qualification


def as_download(session: Session, qualification: Qualification) -> Response:
    """Always an attachment, never shown in the page's origin nor kept by a cache. Raises NotFound without a paper."""
    if qualification.file is None:
        raise NotFound("file", N_("No paper is joined to this qualification."))
    content = read_file(session, qualification.file.id)
    answer = send_file(
        io.BytesIO(content),
        mimetype=qualification.file.media,
        as_attachment=True,
        download_name=qualification.file.filename,
        max_age=0,
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
