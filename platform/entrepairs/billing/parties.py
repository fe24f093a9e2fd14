"""Seller and buyer copied onto the invoice, so that it says for ever what it said on its day."""

from typing import Any, Final

from sqlalchemy.orm import Session

from entrepairs.billing.einvoice.model import Address, Delivery, Party, PublicRouting
from entrepairs.kernel.clock import Clock
from entrepairs.network.models import Partner, Site
from entrepairs.network.partners import PUBLIC_PAYERS
from entrepairs.settings.decisions import association, decision_or

VAT_ON_DEBITS: Final = "billing.vat_on_debits"
"""Decision: the seller opted to pay VAT on debits (CGI 269-2 c)."""

Snapshot = dict[str, Any]


def seller_snapshot(session: Session, clock: Clock) -> Snapshot:
    """The association as it is today. Raises NotFound when it is not set up."""
    seller = association(session)
    return {
        "name": seller.name,
        "siren": seller.siren,
        "siret": seller.siret,
        "vat_number": seller.vat_number,
        "legal_form": seller.legal_form,
        "rna": seller.rna,
        "address": seller.address,
        "postcode": seller.postcode,
        "town": seller.town,
        "email": seller.email,
        "phone": seller.phone,
        "iban": seller.iban,
        "bic": seller.bic,
        "vat_on_debits": bool(decision_or(session, VAT_ON_DEBITS, clock.today(), default=False)),
        "fictional": seller.fictional,
    }


def buyer_snapshot(partner: Partner, site: Site | None) -> Snapshot:
    """The structure as it is today; `site` is where the services took place, when it was one place."""
    billed_elsewhere = partner.billing_address is not None
    return {
        "ref": partner.ref,
        "name": partner.name,
        "siren": partner.siren or "",
        "siret": partner.siret,
        "vat_number": partner.vat_number,
        "electronic_address": partner.electronic_address,
        "address": partner.billing_address if billed_elsewhere else partner.address,
        "postcode": partner.billing_postcode if billed_elsewhere else partner.postcode,
        "town": partner.billing_town if billed_elsewhere else partner.town,
        "payer_kind": partner.payer_kind.value,
        "public": _routing(partner),
        "delivery": _delivery(site),
    }


def party(snapshot: Snapshot, *, without_vat_number: bool = False) -> Party:
    """A snapshot as the e-invoice's value."""
    return Party(
        name=snapshot["name"],
        siren=snapshot["siren"],
        address=address(snapshot),
        siret=snapshot["siret"],
        vat_number=None if without_vat_number else snapshot["vat_number"],
        electronic_address=snapshot.get("electronic_address"),
        legal_form=snapshot.get("legal_form"),
        rna=snapshot.get("rna"),
        email=snapshot.get("email"),
        phone=snapshot.get("phone"),
    )


def address(snapshot: Snapshot) -> Address:
    """The postal address of a snapshot, its street on three lines at most."""
    street = [line.strip() for line in (snapshot["address"] or "").splitlines() if line.strip()]
    return Address(tuple(street), snapshot["postcode"] or "", snapshot["town"] or "")


def public_routing(buyer: Snapshot) -> PublicRouting | None:
    """What the public buyer wants on the invoice; None for a private one."""
    wanted = buyer["public"]
    return None if wanted is None else PublicRouting(wanted["service_required"], wanted["engagement_required"])


def delivery(buyer: Snapshot) -> Delivery | None:
    """Where the services took place, when known and not the buyer's own address."""
    place = buyer.get("delivery")
    return None if place is None else Delivery(place["name"], address(place))


def _routing(partner: Partner) -> Snapshot | None:
    if partner.payer_kind not in PUBLIC_PAYERS:
        return None
    return {
        "service_required": partner.requires_service_code,
        "engagement_required": partner.requires_engagement,
    }


def _delivery(site: Site | None) -> Snapshot | None:
    if site is None or not (site.address and site.postcode):
        return None
    return {"name": site.name, "address": site.address, "postcode": site.postcode, "town": site.commune.name}
