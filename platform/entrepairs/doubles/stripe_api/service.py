"""The whole stand-in, started and stopped: for the command and for tests."""

from pathlib import Path
from types import TracebackType
from typing import Self

from entrepairs.doubles.local_server import LocalServer, address_of, bind
from entrepairs.doubles.stripe_api.app import create_app
from entrepairs.doubles.stripe_api.charges import fill_late_balance
from entrepairs.doubles.stripe_api.courier import Courier
from entrepairs.doubles.stripe_api.errors import ApiError
from entrepairs.doubles.stripe_api.sessions import bank_answers, expire_when_due
from entrepairs.doubles.stripe_api.store import Store


def _settle_debit(store: Store, intent_id: str) -> None:
    try:
        bank_answers(store, intent_id, accepted=True)
    except ApiError:
        # Somebody decided on the board before the agenda did.
        return


DEEDS = {
    "expire_session": expire_when_due,
    "settle_debit": _settle_debit,
    "fill_balance": fill_late_balance,
}


class StripeApi:
    """`with StripeApi(data=…, webhook_url=…, webhook_secret=…) as stand:` then call `stand.address`.

    data: the SQLite file that keeps everything. webhook_url: a loopback address, None to deliver nothing.
    port 0 takes a free one. public_url: what a browser sees, the address itself by default. Raises
    CannotListen.
    """

    def __init__(
        self,
        *,
        data: Path,
        webhook_url: str | None,
        webhook_secret: str,
        host: str = "127.0.0.1",
        port: int = 0,
        public_url: str | None = None,
    ) -> None:
        listener = bind(host, port)
        try:
            self._store = Store(data)
            self._courier = Courier(self._store, DEEDS, webhook_url, webhook_secret)
            app = create_app(self._store, (public_url or address_of(listener)).rstrip("/"))
            self._web = LocalServer(app, listener)
        except BaseException:
            listener.close()
            raise
        self.address = self._web.address

    def __enter__(self) -> Self:
        self._courier.start()
        self._web.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._web.__exit__(kind, error, trace)
        self._courier.stop()
        self._store.close()
