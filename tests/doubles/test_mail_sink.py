"""Receiving real SMTP, reading it back, and misbehaving on request."""

import smtplib
import urllib.error
import urllib.request
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest

from entrepairs.doubles.local_server import CannotListen
from entrepairs.doubles.mail_sink.service import MailSink

LINK = "http://127.0.0.1:5000/offres/jeton?a=1&b=2"


def letter(to="camille@pairs.example", subject="Une présence vous est proposée", html=True, attach=False):
    message = EmailMessage()
    message["From"] = "Entrepairs <ne-pas-repondre@entrepairs.example>"
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(datetime(2027, 1, 11, 9, 5, tzinfo=ZoneInfo("Europe/Paris")))
    message.set_content(f"Bonjour <Camille>,\n\nVoici le lien : {LINK}.\n")
    if html:
        message.add_alternative(
            f'<p>Bonjour</p><script>alert(1)</script><img src="cid:logo"><a href="{LINK.replace("&", "&amp;")}">Voir</a>',
            subtype="html",
        )
        message.get_payload()[1].add_related(b"\x89PNG", "image", "png", cid="<logo>")
    if attach:
        message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="ordre de mission é.pdf")
    return message


@contextmanager
def connected(sink):
    with smtplib.SMTP("127.0.0.1", sink.smtp_port, timeout=10) as line:
        yield line


def send(sink, message, recipients=None):
    with connected(sink) as line:
        return line.send_message(message, to_addrs=recipients)


def page(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read(), answer.headers


def listed(sink, control, query=""):
    return control("GET", f"{sink.address}/messages.json{query}")["messages"]


def test_a_mail_is_received_and_read_back(sink, control):
    send(sink, letter(attach=True))
    [mail] = listed(sink, control)
    assert mail["subject"] == "Une présence vous est proposée"
    assert mail["recipients"] == ["camille@pairs.example"]
    assert mail["sender"] == "ne-pas-repondre@entrepairs.example"
    assert mail["date"] == "2027-01-11T09:05:00+01:00"
    assert mail["links"] == [LINK]
    assert "Bonjour <Camille>" in mail["text"]
    names = [each["filename"] for each in mail["attachments"]]
    assert "ordre de mission é.pdf" in names
    [pdf] = [each for each in mail["attachments"] if each["content_type"] == "application/pdf"]
    content, headers = page(sink.address + pdf["url"])
    assert content == b"%PDF-1.7"
    assert headers["Content-Disposition"].startswith("attachment")


def test_the_newest_is_first_and_one_can_choose_a_recipient(sink, control):
    for number in range(3):
        send(sink, letter(to=f"p{number % 2}@pairs.example", subject=f"n° {number}"))
    assert [mail["subject"] for mail in listed(sink, control)] == ["n° 2", "n° 1", "n° 0"]
    assert [mail["subject"] for mail in listed(sink, control, "?recipient=P0@pairs.example")] == ["n° 2", "n° 0"]
    content, _ = page(f"{sink.address}/?a=p1@pairs.example")
    text = content.decode()
    assert "n° 1" in text
    assert "n° 0" not in text
    assert "Boîte aux lettres de démonstration" in text


def test_hidden_recipients_are_those_of_the_envelope(sink, control):
    send(sink, letter(), ["hidden@pairs.example", "camille@pairs.example"])
    [mail] = listed(sink, control)
    assert mail["recipients"] == ["hidden@pairs.example", "camille@pairs.example"]
    raw, _ = page(f"{sink.address}/messages/{mail['id']}.eml")
    assert b"hidden@" not in raw


def test_the_html_is_shown_in_a_frame_that_runs_nothing(sink, control):
    send(sink, letter())
    [mail] = listed(sink, control)
    shown, _ = page(f"{sink.address}/messages/{mail['id']}")
    text = shown.decode()
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in text
    assert "<script" not in text
    assert "Bonjour &lt;Camille&gt;" in text
    escaped = LINK.replace("&", "&amp;")
    assert f'<a href="{escaped}" target="_blank" rel="noopener noreferrer">{escaped}</a>.' in text
    inner, headers = page(f"{sink.address}/messages/{mail['id']}/html")
    assert inner.startswith(b'<base target="_blank">')
    assert f'src="/messages/{mail["id"]}/pieces/1"'.encode() in inner
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "script" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    "path", ["/messages/20270111T090500000000-00000000", "/messages/..%2F..%2Fetc", "/messages/x.eml"]
)
def test_an_unknown_mail_is_not_found(sink, path):
    with pytest.raises(urllib.error.HTTPError) as absent:
        page(sink.address + path)
    absent.value.close()
    assert absent.value.code == 404


def test_the_box_can_be_emptied(sink, control):
    send(sink, letter())
    assert control("DELETE", f"{sink.address}/messages") == {"deleted": 1}
    assert listed(sink, control) == []
    assert "Aucun courriel" in page(sink.address)[0].decode()


def test_mails_survive_a_restart(tmp_path, control):
    with MailSink(data=tmp_path / "mails") as before:
        send(before, letter())
        [mail] = listed(before, control)
    with MailSink(data=tmp_path / "mails") as after:
        assert listed(after, control) == [mail]


@pytest.mark.parametrize(
    ("kind", "stage", "code"),
    [
        ("refuse_temporarily", "recipient", 451),
        ("refuse_for_good", "recipient", 550),
        ("refuse_temporarily", "data", 451),
        ("refuse_for_good", "data", 550),
    ],
)
def test_a_refusal_keeps_nothing_and_wears_off(sink, control, kind, stage, code):
    control("POST", f"{sink.address}/_control", {"kind": kind, "stage": stage, "times": 1})
    with pytest.raises((smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)) as refused:
        send(sink, letter())
    error = refused.value
    told = error.smtp_code if isinstance(error, smtplib.SMTPDataError) else error.recipients["camille@pairs.example"][0]
    assert told == code
    assert listed(sink, control) == []
    send(sink, letter())
    assert len(listed(sink, control)) == 1


@pytest.mark.parametrize(("kind", "kept"), [("cut_after_storing", 1), ("cut_before_storing", 0)])
def test_the_line_can_be_cut_at_the_hand_over(sink, control, kind, kept):
    control("POST", f"{sink.address}/_control", {"kind": kind, "times": 1})
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send(sink, letter())
    assert len(listed(sink, control)) == kept
    send(sink, letter())
    assert len(listed(sink, control)) == kept + 1


def test_a_fault_can_aim_at_one_recipient(sink, control):
    control("POST", f"{sink.address}/_control", {"kind": "refuse_for_good", "recipient": "gone@pairs.example"})
    assert send(sink, letter(), ["gone@pairs.example", "camille@pairs.example"])["gone@pairs.example"][0] == 550
    [mail] = listed(sink, control)
    assert mail["recipients"] == ["camille@pairs.example"]
    assert control("DELETE", f"{sink.address}/_control")["kind"] == "none"


def test_a_slow_server_outlasts_an_impatient_sender(sink, control):
    control("POST", f"{sink.address}/_control", {"delay_seconds": 5})
    line = smtplib.SMTP("127.0.0.1", sink.smtp_port, timeout=0.5)
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        line.send_message(letter())
    line.close()


@pytest.mark.parametrize("changes", [{"colour": 1}, {"kind": "fire"}, {"times": -1}, {"delay_seconds": "2"}])
def test_an_unknown_fault_is_refused(sink, control, changes):
    with pytest.raises(urllib.error.HTTPError) as refused:
        control("POST", f"{sink.address}/_control", changes)
    refused.value.close()
    assert refused.value.code == 400


def test_it_receives_on_loopback_only(tmp_path):
    with pytest.raises(CannotListen):
        MailSink(data=tmp_path, host="0.0.0.0")
