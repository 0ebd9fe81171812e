"""Words for orders that store and office people read, in English and Brazilian Portuguese."""

from __future__ import annotations

from typing import Any

from promessa.cli.texts import Texts

_WORDS: dict[str, tuple[str, str]] = {
    "order": ("order", "pedido"),
    "placed at": ("placed", "feito em"),
    "customer": ("customer", "cliente"),
    "channel": ("channel", "canal"),
    "exchange of": ("exchange of", "troca de"),
    "orders": ("orders: {count:,}", "pedidos: {count:,}"),
    "more": ("… and {count:,} more", "… e mais {count:,}"),
    "no more": ("(not any more among these)", "(não está mais entre estes)"),
    "return due": ("waits for its return until", "aguarda a devolução até"),
    "customer pays": ("customer pays", "cliente paga"),
    "customer gets back": ("customer gets back", "cliente recebe de volta"),
    "no orders": ("There are no such orders.", "Não há pedidos assim."),
    "code": ("Pickup code: {code}", "Código de retirada: {code}"),
    "not served": ("The order cannot be served.", "O pedido não pode ser atendido."),
    "plan changed": (
        "The plan that was quoted cannot be held any more, and nothing is placed.",
        "O plano cotado não vale mais, e nada foi feito.",
    ),
    "quoted": ("Plan {outcome}; it was quoted at {cost}.", "Plano {outcome}; foi cotado a {cost}."),
    "costs more": ("It costs {cost} more.", "Custa {cost} a mais."),
    "costs less": ("It costs {cost} less.", "Custa {cost} a menos."),
    "PLAN_TOKEN_OUTCOME_HONOURED": ("honoured", "mantido"),
    "PLAN_TOKEN_OUTCOME_REPLACED": ("replaced", "substituído"),
    "PLAN_TOKEN_OUTCOME_CHANGED": ("changed", "alterado"),
    "PLAN_TOKEN_CHANGE_KIND_STOCK_SHORT": ("too few units", "faltam unidades"),
    "PLAN_TOKEN_CHANGE_KIND_NODE_GONE": ("does not exist any more", "não existe mais"),
    "PLAN_TOKEN_CHANGE_KIND_LANE_GONE": ("sends nothing there any more", "não envia mais para lá"),
    "PLAN_TOKEN_CHANGE_KIND_LATER": ("arrives later", "chega mais tarde"),
    "PLAN_TOKEN_CHANGE_KIND_NOT_ALLOWED": ("may not serve it any more", "não pode mais atender"),
    "PLAN_TOKEN_CHANGE_KIND_NODE_COOLING": ("refused such units lately", "recusou há pouco"),
    "PLAN_TOKEN_CHANGE_KIND_SUPPLY_SHORT": ("fewer units come in time", "menos unidades chegam a tempo"),
    "already": ("This was told before; nothing was changed.", "Isto já tinha sido informado; nada mudou."),
    # Columns
    "line": ("line", "linha"),
    "sku": ("sku", "sku"),
    "ordered": ("ordered", "pedidas"),
    "to source": ("to source", "sem origem"),
    "cancelled": ("cancelled", "canceladas"),
    "shipped": ("left", "saíram"),
    "returned": ("returned", "devolvidas"),
    "price": ("price", "preço"),
    "shipment": ("shipment", "remessa"),
    "node": ("node", "local"),
    "state": ("state", "situação"),
    "units": ("units", "unidades"),
    "offered to": ("offered to", "oferecida a"),
    "promised": ("promised", "prometida"),
    "next": ("what can be done", "o que pode ser feito"),
    "return": ("return", "devolução"),
    "when": ("when", "quando"),
    "what": ("what", "o quê"),
    "who": ("who", "quem"),
    "detail": ("detail", "detalhe"),
    "alerts": ("alerts", "alertas"),
    "due": ("due", "prazo"),
    "in": ("in", "faltam"),
    # Orders
    "ORDER_STATE_CANCELLED": ("cancelled", "cancelado"),
    "ORDER_STATE_TO_SOURCE": ("to source", "sem origem"),
    "ORDER_STATE_PLACED": ("placed", "feito"),
    "ORDER_STATE_IN_PREPARATION": ("in preparation", "em preparação"),
    "ORDER_STATE_IN_TRANSIT": ("in transit", "em trânsito"),
    "ORDER_STATE_COMPLETED": ("completed", "concluído"),
    # Shipments
    "SHIPMENT_STATE_OFFERED": ("offered", "oferecida"),
    "SHIPMENT_STATE_ACCEPTED": ("accepted", "aceita"),
    "SHIPMENT_STATE_PICKED": ("picked", "separada"),
    "SHIPMENT_STATE_READY": ("ready", "pronta para retirada"),
    "SHIPMENT_STATE_SHIPPED": ("shipped", "despachada"),
    "SHIPMENT_STATE_DELIVERED": ("delivered", "entregue"),
    "SHIPMENT_STATE_HANDED_OVER": ("handed over", "retirada pelo cliente"),
    "SHIPMENT_STATE_REJECTED": ("rejected", "recusada"),
    "SHIPMENT_STATE_CANCELLED": ("cancelled", "cancelada"),
    "SHIPMENT_STATE_UNCOLLECTED": ("not collected", "não retirada"),
    "SHIPMENT_STATE_WAITING": ("waiting for a return", "aguarda devolução"),
    "OFFER_STATE_OPEN": ("open", "aberta"),
    "OFFER_STATE_ACCEPTED": ("accepted", "aceita"),
    "OFFER_STATE_REFUSED": ("refused", "recusada"),
    "OFFER_STATE_TAKEN": ("taken by another", "aceita por outra"),
    "OFFER_STATE_WITHDRAWN": ("withdrawn", "retirada"),
    "RETURN_STATE_REQUESTED": ("requested", "pedida"),
    "RETURN_STATE_RECEIVED": ("received", "recebida"),
    # Alerts and deadlines
    "ORDER_ALERT_AT_RISK": ("at risk", "em risco"),
    "ORDER_ALERT_LATE": ("late", "atrasado"),
    "ORDER_ALERT_REFUSED": ("refused", "recusado"),
    "ORDER_ALERT_STUCK": ("stuck", "parado"),
    "DEADLINE_KIND_ACCEPT": ("accept", "aceitar"),
    "DEADLINE_KIND_PICK": ("pick", "separar"),
    "DEADLINE_KIND_SHIP": ("ship", "despachar"),
    "DEADLINE_KIND_READY": ("ready", "liberar para retirada"),
    "DEADLINE_KIND_DELIVER": ("deliver", "entregar"),
    "DEADLINE_KIND_COLLECT": ("collect", "retirar"),
    "DEADLINE_STATE_AT_RISK": ("at risk", "em risco"),
    "DEADLINE_STATE_LATE": ("late", "atrasada"),
    # What is known of steps
    "short": ("short of {units}", "faltou {units}"),
    "by one": ("shipment {number}", "remessa {number}"),
    "by several": ("shipments {first} to {last}", "remessas {first} a {last}"),
    "CANCEL_RETURN_NOT_RECEIVED": ("the return did not come in time", "a devolução não chegou a tempo"),
    "STUCK_REST": ("nothing serves the rest", "ninguém atende o resto"),
    "REJECT_REASON_NOT_FOUND": ("not found", "não encontrado"),
    "REJECT_REASON_DAMAGED": ("damaged", "danificado"),
    "REJECT_REASON_NO_CAPACITY": ("no capacity", "sem capacidade"),
    "REJECT_REASON_NODE_CLOSED": ("node closed", "local fechado"),
    "REJECT_REASON_OTHER": ("other reason", "outro motivo"),
    "DISPOSITION_RESELLABLE": ("resellable", "para venda"),
    "DISPOSITION_QUARANTINE": ("quarantine", "quarentena"),
    "DISPOSITION_SCRAP": ("scrap", "descarte"),
    # Steps
    "ORDER_STEP_KIND_PLACE": ("placed", "feito"),
    "ORDER_STEP_KIND_ACCEPT": ("accept", "aceitar"),
    "ORDER_STEP_KIND_REJECT": ("reject", "recusar"),
    "ORDER_STEP_KIND_PICK": ("pick", "separar"),
    "ORDER_STEP_KIND_SHIP": ("ship", "despachar"),
    "ORDER_STEP_KIND_DELIVER": ("deliver", "entregar"),
    "ORDER_STEP_KIND_MAKE_READY": ("ready", "liberar para retirada"),
    "ORDER_STEP_KIND_HAND_OVER": ("hand over", "entregar ao cliente"),
    "ORDER_STEP_KIND_CANCEL": ("cancel", "cancelar"),
    "ORDER_STEP_KIND_SOURCE": ("sourced again", "nova origem"),
    "ORDER_STEP_KIND_SOURCE_FAILED": ("nothing serves it", "ninguém atende"),
    "ORDER_STEP_KIND_WRONG_CODE": ("wrong code", "código errado"),
    "ORDER_STEP_KIND_REQUEST_RETURN": ("return requested", "devolução pedida"),
    "ORDER_STEP_KIND_RECEIVE_RETURN": ("return received", "devolução recebida"),
    "ORDER_STEP_KIND_EXCHANGE": ("exchange", "troca"),
    "ORDER_STEP_KIND_AT_RISK": ("at risk", "em risco"),
    "ORDER_STEP_KIND_LATE": ("late", "atrasado"),
    "ORDER_STEP_KIND_STUCK": ("stuck", "parado"),
    "ORDER_STEP_KIND_PUT_BACK": ("not collected, back to stock", "não retirado, de volta ao estoque"),
    "ORDER_STEP_KIND_REFUND": ("refund due", "reembolso devido"),
    "ORDER_STEP_KIND_RETURN_CAME": ("what it waited for came back", "chegou a devolução esperada"),
    "ORDER_STEP_KIND_REFUSE_OFFER": ("offer refused", "oferta recusada"),
}


class OrderTexts:
    """Words in one language. Raises Failure for one there is not."""

    def __init__(self, lang: str) -> None:
        self._index = 1 if Texts(lang).lang == "pt-BR" else 0

    def __call__(self, name: str, **values: object) -> str:
        """A word or sentence."""
        return _WORDS[name][self._index].format(**values)

    def named(self, enum: str, name: str) -> str:
        """The word for a name of an enum that a step tells of; the name, if it is newer than this command."""
        key = f"{enum}_{name}"
        return _WORDS[key][self._index] if key in _WORDS else name

    def of(self, enum: Any, number: int) -> str:
        """The word for a value of an enum of the contract; its name, if it is newer than this command."""
        known = enum.DESCRIPTOR.values_by_number.get(number)
        name = known.name if known is not None else str(number)
        return _WORDS[name][self._index] if name in _WORDS else name
