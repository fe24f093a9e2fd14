"""The mailbox as a person reads it, and as a test does."""

import re
from dataclasses import asdict
from html import escape
from io import BytesIO

from flask import Blueprint, jsonify, redirect, render_template, request, send_file, url_for
from markupsafe import Markup
from werkzeug import Response
from werkzeug.exceptions import BadRequest, NotFound

from entrepairs.doubles.mail_sink.faults import Faults, InvalidFault
from entrepairs.doubles.mail_sink.mailbox import LINK, Mail, Mailbox

PER_PAGE = 50
# The letter itself: its styles and its own images, no script, no form; links leave the frame.
LETTER_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src 'self' data:"
)
CID = re.compile(r"""(["'(])cid:([^"')\s]+)""", re.IGNORECASE)


def pages(mailbox: Mailbox, faults: Faults) -> Blueprint:
    """All routes of the sink's web side."""
    blueprint = Blueprint("mails", __name__)
    _add_list(blueprint, mailbox)
    _add_mail(blueprint, mailbox)
    _add_control(blueprint, faults)
    return blueprint


def _add_list(blueprint: Blueprint, mailbox: Mailbox) -> None:
    @blueprint.get("/")
    def home() -> str:
        chosen = request.args.get("a") or None
        page = max(request.args.get("page", 1, type=int), 1)
        mails = list(mailbox.newest(chosen))
        shown = mails[(page - 1) * PER_PAGE : page * PER_PAGE]
        return render_template(
            "list.html",
            mails=shown,
            total=len(mails),
            chosen=chosen,
            recipients=mailbox.recipients(),
            page=page,
            more=len(mails) > page * PER_PAGE,
        )

    @blueprint.get("/messages.json")
    def listed() -> Response:
        limit = request.args.get("limit", 1000, type=int)
        mails = list(mailbox.newest(request.args.get("recipient") or None))
        return jsonify({"total": len(mails), "messages": [_told(mail) for mail in mails[:limit]]})

    @blueprint.delete("/messages")
    def clear() -> Response:
        return jsonify({"deleted": mailbox.clear()})

    @blueprint.post("/vider")
    def clear_by_hand() -> Response:
        mailbox.clear()
        return redirect(url_for("mails.home"), code=303)


def _add_mail(blueprint: Blueprint, mailbox: Mailbox) -> None:
    def load(identity: str) -> Mail:
        mail = mailbox.find(identity)
        if mail is None:
            raise NotFound
        return mail

    @blueprint.get("/messages/<identity>")
    def read(identity: str) -> str:
        mail = load(identity)
        return render_template("mail.html", mail=mail, text=_with_links(mail.text))

    @blueprint.get("/messages/<identity>/html")
    def letter(identity: str) -> Response:
        mail = load(identity)
        response = Response(_letter(mail), mimetype="text/html")
        response.headers["Content-Security-Policy"] = LETTER_POLICY
        return response

    @blueprint.get("/messages/<identity>.eml")
    def raw(identity: str) -> Response:
        return send_file(
            BytesIO(load(identity).raw),
            mimetype="message/rfc822",
            as_attachment=True,
            download_name=f"{identity}.eml",
        )

    @blueprint.get("/messages/<identity>/pieces/<int:number>")
    def attachment(identity: str, number: int) -> Response:
        for each in load(identity).attachments:
            if each.number == number:
                return send_file(
                    BytesIO(each.content),
                    mimetype=each.content_type,
                    as_attachment=True,
                    download_name=each.filename,
                )
        raise NotFound


def _add_control(blueprint: Blueprint, faults: Faults) -> None:
    @blueprint.get("/_control")
    def fault() -> Response:
        return jsonify(asdict(faults.now))

    @blueprint.post("/_control")
    def set_fault() -> Response:
        changes = request.get_json()
        if not isinstance(changes, dict):
            raise BadRequest("A JSON object is expected.")
        try:
            return jsonify(asdict(faults.set(changes)))
        except InvalidFault as error:
            raise BadRequest(str(error)) from error

    @blueprint.delete("/_control")
    def rest() -> Response:
        return jsonify(asdict(faults.set({})))


def _told(mail: Mail) -> dict[str, object]:
    return {
        "id": mail.id,
        "sender": mail.sender,
        "recipients": list(mail.recipients),
        "from": mail.header("From"),
        "to": mail.header("To"),
        "subject": mail.subject,
        "message_id": mail.header("Message-ID"),
        "date": mail.dated.isoformat(),
        "received_at": mail.received_at.isoformat(),
        "text": mail.text,
        "html": mail.html,
        "links": mail.links,
        "attachments": [
            {
                "number": each.number,
                "filename": each.filename,
                "content_type": each.content_type,
                "size": len(each.content),
                "url": url_for("mails.attachment", identity=mail.id, number=each.number),
            }
            for each in mail.attachments
        ],
    }


def _with_links(text: str) -> Markup:
    """The text escaped, its addresses as links that open in a new tab."""
    pieces, end = [], 0
    for found in LINK.finditer(text):
        address = escape(found[0])
        pieces += [
            escape(text[end : found.start()]),
            f'<a href="{address}" target="_blank" rel="noopener noreferrer">{address}</a>',
        ]
        end = found.end()
    return Markup("".join([*pieces, escape(text[end:])]))  # noqa: S704 - every piece is escaped above


def _letter(mail: Mail) -> str:
    """The html with links opening in a new tab and its inner images reachable."""
    numbers = {each.content_id: each.number for each in mail.attachments if each.content_id}

    def reach(found: re.Match[str]) -> str:
        number = numbers.get(found[2])
        if number is None:
            return found[0]
        return found[1] + url_for("mails.attachment", identity=mail.id, number=number)

    return '<base target="_blank">' + CID.sub(reach, mail.html)
