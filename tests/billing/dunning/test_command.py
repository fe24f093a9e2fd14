"""The command says the same as the page, for a reader and for a machine."""

from entrepairs.commands._dunning import in_lines

TOLD = {
    "sent": 0,
    "late": [
        {
            "invoice": "FA2027-00001",
            "structure": "Clinique",
            "balance_cents": 256000,
            "days_late": 8,
            "contested": False,
            "promised_on": None,
            "last_step": "friendly",
        }
    ],
    "letters": [{"structure": "Clinique", "step": "reminder", "invoices": ["FA2027-00001"]}],
}


def test_a_reader_is_told_who_is_late_and_what_waits():
    said = in_lines(TOLD).replace("\u00a0", " ").replace("\u202f", " ").splitlines()
    assert said == [
        "1 facture en retard ; 0 courrier(s) parti(s).",
        "  FA2027-00001 Clinique : 2 560,00 €, 8 j · petit mot",
        "À relire et envoyer, page « Relances » :",
        "  rappel · Clinique : FA2027-00001",
    ]
