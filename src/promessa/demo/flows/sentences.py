"""What all stories say: steps of orders, shelves, words of the contract."""

from __future__ import annotations

from promessa.demo.flows.telling import Sentences

COMMON: Sentences = {
    # Shelves
    "stock": (
        "{place}, {article}: {on_hand} on hand, {promised} promised, {unavailable} not for sale, {available} available.",
        "{place}, {article}: estoque {on_hand}, prometido {promised}, fora de venda {unavailable}, disponível {available}.",
    ),
    # Orders
    "units": ("{units} × {article}", "{units} × {article}"),
    "shipment": ("{units} from {place} ({kind}, {state})", "{units} de {place} ({kind}, {state})"),
    "PlaceOrder": (
        "Order {order} of {total} is placed: {shipments}.",
        "Pedido {order}, de {total}, feito: {shipments}.",
    ),
    "order": ("Order {order} is {state}: {shipments}.", "Pedido {order} {state}: {shipments}."),
    "AcceptShipment": ("{place} accepts shipment {shipment}.", "{place} aceita a remessa {shipment}."),
    "RejectShipment": ("{place} refuses shipment {shipment}.", "{place} recusa a remessa {shipment}."),
    "RecordPick": (
        "{place} picks shipment {shipment} from the shelf: {units}.",
        "{place} separa a remessa {shipment} da prateleira: {units}.",
    ),
    "Ship": (
        "The carrier takes shipment {shipment} at {place}.",
        "A transportadora leva a remessa {shipment} de {place}.",
    ),
    "RecordDelivery": ("Shipment {shipment} is delivered.", "A remessa {shipment} foi entregue."),
    "MarkReadyForPickup": (
        "Shipment {shipment} is ready at {place}; the customer gets the code {code}.",
        "A remessa {shipment} está pronta em {place}; o cliente recebe o código {code}.",
    ),
    "HandOver": ("{place} hands shipment {shipment} over.", "{place} entrega a remessa {shipment} ao cliente."),
    "time": ("{span} later.", "{span} depois."),
    "refused": ("{method} is refused: {reason}.", "{method} é negado: {reason}."),
    "audit": (
        "The audit of {cells} cells finds {violations} violations.",
        "A auditoria de {cells} células encontra {violations} violações.",
    ),
    # How shipments get to their customers
    "SHIP_FROM_CENTRE": ("shipped from the centre", "envio do CD"),
    "SHIP_FROM_STORE": ("shipped from the store", "envio da loja"),
    "PICKUP": ("collected there", "retirada na loja"),
    "SHIP_TO_STORE": ("sent to the store", "envio para a loja"),
    # Where shipments are
    "OFFERED": ("offered", "oferecida"),
    "WAITING": ("waiting for the return", "aguardando a devolução"),
    "ACCEPTED": ("accepted", "aceita"),
    "PICKED": ("picked", "separada"),
    "READY": ("ready", "pronta"),
    "SHIPPED": ("on its way", "a caminho"),
    "DELIVERED": ("delivered", "entregue"),
    "HANDED_OVER": ("handed over", "retirada"),
    "REJECTED": ("refused", "recusada"),
    "CANCELLED": ("cancelled", "cancelada"),
    # Where orders are
    "ORDER_CANCELLED": ("cancelled", "cancelado"),
    "ORDER_TO_SOURCE": ("to be sourced", "sem origem"),
    "ORDER_PLACED": ("placed", "feito"),
    "ORDER_IN_PREPARATION": ("in preparation", "em preparação"),
    "ORDER_IN_TRANSIT": ("in transit", "em trânsito"),
    "ORDER_COMPLETED": ("completed", "concluído"),
}
