"""The words of reports, in English and in Brazilian Portuguese. Columns are named by their fields."""

from __future__ import annotations

from promessa.cli.simulate_texts import Words
from promessa.cli.texts import Texts

REPORT_TEXTS: dict[str, tuple[str, str]] = {
    # What a page says around its reports
    "page_title": ("Reports", "Relatórios"),
    "period": ("{days}, days of {zone}", "{days}, dias de {zone}"),
    "basis": ("Of everything archived until {time}.", "De tudo o que foi arquivado até {time}."),
    "dead_letters": (
        "{count} entries of the log could not be read and are missing here.",
        "{count} registros do log não puderam ser lidos e faltam aqui.",
    ),
    "rows": ("{shown} of {count} rows", "{shown} de {count} linhas"),
    "empty": ("Nothing happened in these days.", "Nada aconteceu nestes dias."),
    "sort": ("Sort by {column}", "Ordenar por {column}"),
    "behind": ("Orders behind a row: {command}", "Pedidos por trás de uma linha: {command}"),
    "saved": ("The page is in {path}.", "A página está em {path}."),
    "saved_workbook": ("The workbook is in {path}.", "A planilha está em {path}."),
    "none": ("–", "–"),
    "all": ("all", "todos"),
    "total": ("Total", "Total"),
    "days": ("days", "dias"),
    "over_days": ("{what} by day", "{what} por dia"),
    # Reports
    "channels": ("Channels", "Canais"),
    "channels_intro": (
        "What each channel asked for, and what has become of it.",
        "O que cada canal pediu e o que aconteceu com isso.",
    ),
    "sourcing": ("Sourcing", "Atendimento"),
    "sourcing_intro": (
        "What it cost to serve orders, in how many shipments, and how far from the best possible. First decisions alone.",
        "Quanto custou atender os pedidos, em quantos envios e a que distância do melhor possível. Só primeiras decisões.",
    ),
    "stockouts": ("Stock-outs", "Rupturas"),
    "stockouts_intro": (
        "Demand that was seen and not promised: lost units, their value, and their share of the demand.",
        "Demanda vista e não prometida: unidades perdidas, seu valor e sua parte da demanda.",
    ),
    "nodes": ("Nodes", "Unidades"),
    "nodes_intro": (
        "What reservations did to the stock of each node.",
        "O que as reservas fizeram no estoque de cada unidade.",
    ),
    "journey": ("Journey", "Jornada"),
    "journey_intro": (
        "What has become of the reservations of these days, and how long it took.",
        "O que aconteceu com as reservas destes dias e quanto tempo levou.",
    ),
    "alternatives": ("By other rules", "Com outras regras"),
    "alternatives_intro": (
        "The same orders decided by other rules, on the stock and network of now, against the rules that are active.",
        "Os mesmos pedidos decididos por outras regras, com o estoque e a rede de agora, contra as regras ativas.",
    ),
    # Big numbers
    "head_reservations": ("reservations", "reservas"),
    "head_cost": ("cost per order", "custo por pedido"),
    "head_shipments": ("shipments per order", "envios por pedido"),
    "head_proven": ("decisions proven optimal", "decisões com prova de ótimo"),
    "head_rupture": ("rupture rate", "taxa de ruptura"),
    "head_lost": ("value lost", "valor perdido"),
    # Columns
    "sku": ("sku", "item"),
    "node_id": ("node", "unidade"),
    "reason": ("reason", "motivo"),
    "channel": ("channel", "canal"),
    "region": ("region", "região"),
    "day": ("day", "dia"),
    "policy_id": ("policy", "política"),
    "line_count": ("lines", "linhas"),
    "request_count": ("requests", "solicitações"),
    "requested_quantity": ("requested", "pedidas"),
    "granted_quantity": ("granted", "concedidas"),
    "missing_quantity": ("missing", "em falta"),
    "demand_quantity": ("demand", "demanda"),
    "lost_quantity": ("lost", "perdidas"),
    "lost_value_micros": ("value lost", "valor perdido"),
    "unvalued_quantity": ("without value", "sem valor"),
    "rupture_basis_points": ("rupture rate", "taxa de ruptura"),
    "decision_count": ("orders", "pedidos"),
    "refused_count": ("refused", "recusados"),
    "partial_count": ("in part", "em parte"),
    "again_count": ("sourced again", "refeitos"),
    "shipment_count": ("shipments", "envios"),
    "one_shipment_count": ("in 1 shipment", "em 1 envio"),
    "two_shipments_count": ("in 2", "em 2"),
    "three_shipments_count": ("in 3", "em 3"),
    "more_shipments_count": ("in more", "em mais"),
    "shipments_permille": ("shipments per order", "envios por pedido"),
    "proven_count": ("proven", "com prova"),
    "unbounded_count": ("without bound", "sem limite conhecido"),
    "gap_micros": ("could cost less by", "poderia custar menos"),
    "cost": ("Cost by term", "Custo por componente"),
    "cost_total_micros": ("cost", "custo"),
    "cost_shipping_micros": ("shipping", "frete"),
    "cost_handling_micros": ("picking", "separação"),
    "cost_shipment_micros": ("opening", "abertura"),
    "cost_split_micros": ("splitting", "divisão"),
    "cost_fuel_micros": ("fuel", "combustível"),
    "cost_remote_area_micros": ("remote area", "área remota"),
    "cost_packaging_micros": ("packaging", "embalagem"),
    "cost_load_micros": ("load", "carga"),
    "cost_rejection_micros": ("rejection risk", "risco de recusa"),
    "cost_insurance_micros": ("insurance", "seguro"),
    "cost_tax_micros": ("tax", "imposto"),
    "cost_commission_micros": ("commission", "comissão"),
    "cost_stock_out_micros": ("stock-out risk", "risco de ruptura"),
    "cost_markdown_micros": ("markdown saved", "remarcação evitada"),
    "cost_waiting_micros": ("waiting", "espera"),
    "reservation_count": ("reservations", "reservas"),
    "held_count": ("held", "retidas"),
    "confirmed_count": ("confirmed", "confirmadas"),
    "fulfilled_count": ("fulfilled", "entregues"),
    "released_count": ("released", "liberadas"),
    "expired_count": ("expired", "vencidas"),
    "held_quantity": ("held", "retidas"),
    "confirmed_quantity": ("confirmed", "confirmadas"),
    "fulfilled_quantity": ("fulfilled", "entregues"),
    "released_quantity": ("released", "liberadas"),
    "expired_quantity": ("expired", "vencidas"),
    "confirm_time": ("confirmed after", "confirmadas em"),
    "fulfill_time": ("fulfilled after", "entregues em"),
    "p50_ms": ("p50", "p50"),
    "p90_ms": ("p90", "p90"),
    "p99_ms": ("p99", "p99"),
    # Alternatives
    "least-cost": ("least cost", "menor custo"),
    "nearest-first": ("nearest first", "mais próxima primeiro"),
    "fewest-shipments": ("fewest shipments", "menos envios"),
    "fastest": ("fastest", "mais rápida"),
    "rules": ("rules", "regras"),
    "now": ("active", "ativas"),
    "compared": ("orders compared", "pedidos comparados"),
    "cost_of_theirs": ("cost per order", "custo por pedido"),
    "difference": ("difference", "diferença"),
    "interval": ("95 % between", "95 % entre"),
    # Orders behind a report
    "time": ("time", "quando"),
    "order_id": ("order", "pedido"),
    "reservation_id": ("reservation", "reserva"),
    "quantity": ("units", "unidades"),
    "state": ("state", "situação"),
    "more_orders": ("There are more; --rows tells more of them.", "Há mais; --rows mostra mais deles."),
}


def words_of(lang: str) -> Words:
    """The words of a language. Raises Failure for one that there is not."""
    return Words(Texts(lang), REPORT_TEXTS)


def heading(name: str, part: str, words: Words) -> str:
    """What a column is called; a field that nobody named yet by its own name."""
    whole = f"{name}_{part}" if part else name
    if whole in REPORT_TEXTS:
        return words(whole)
    if part:
        return f"{heading(name, '', words)} {heading(part, '', words)}"
    return words(name) if name in REPORT_TEXTS else name.replace("_", " ")
