"""The words of a simulation's table and page, in English and in Brazilian Portuguese."""

from __future__ import annotations

from collections.abc import Mapping

from promessa.cli.texts import Texts

_TEXTS: dict[str, tuple[str, str]] = {
    "title": ("Simulation", "Simulação"),
    "compared": ("{scenario} against {baseline}", "{scenario} contra {baseline}"),
    "orders": ("{count} orders, decided by the code that serves", "{count} pedidos, decididos pelo código de produção"),
    "depleted": ("what an order takes is gone for the next", "o que um pedido leva falta ao seguinte"),
    "not_depleted": ("every order finds all the stock", "cada pedido encontra todo o estoque"),
    "what_if": ("supposed: {what}", "supondo: {what}"),
    "paused": ("{nodes} paused", "{nodes} em pausa"),
    "stock_percent": ("stock at {percent} %", "estoque a {percent} %"),
    "node_stock": ("stock of {node} at {percent} %", "estoque de {node} a {percent} %"),
    "least_cost": ("least cost", "menor custo"),
    "now": ("as now", "como está"),
    "if_active": ("{name} if active", "{name} se ativa"),
    "measure": ("measure", "medida"),
    "scenario": ("scenario", "cenário"),
    "baseline": ("baseline", "referência"),
    "difference": ("difference", "diferença"),
    "interval": ("95 % between", "95 % entre"),
    "whole": ("orders served in full", "pedidos completos"),
    "partial": ("orders served in part", "pedidos atendidos em parte"),
    "refused": ("orders refused", "pedidos recusados"),
    "fill": ("units served", "unidades atendidas"),
    "unserved_units": ("units not served", "unidades não atendidas"),
    "unserved_value": ("value not served", "valor não atendido"),
    "cost": ("cost per order", "custo por pedido"),
    "shipments": ("shipments per order", "remessas por pedido"),
    "split_orders": ("orders in several shipments", "pedidos em várias remessas"),
    "arrival": ("days to arrival", "dias até a entrega"),
    "arrival_p90": ("nine of ten arrive within, days", "nove em dez chegam em, dias"),
    "proven": ("decisions proven optimal", "decisões com prova de ótimo"),
    "nodes_used": ("nodes used", "locais usados"),
    "total_cost": ("cost in all", "custo total"),
    "per_order": ("per order", "por pedido"),
    "comparable": (
        "Differences of cost, shipments and days are of the {count} orders that both serve whole; {different} orders are "
        "served in different ways.",
        "As diferenças de custo, remessas e dias são dos {count} pedidos que os dois atendem por completo; {different} pedidos "
        "são atendidos de formas diferentes.",
    ),
    "method": (
        "Intervals: paired differences under the same orders and stock, over 30 batches of consecutive orders (Student's t). "
        "An interval that contains 0 shows no difference.",
        "Intervalos: diferenças pareadas com os mesmos pedidos e estoque, em 30 lotes de pedidos consecutivos (t de Student). "
        "Um intervalo que contém 0 não mostra diferença.",
    ),
    "terms": ("Cost by term", "Custo por parcela"),
    "nodes": ("Load per node", "Carga por local"),
    "owners": ("Shares of owners", "Participação por proprietário"),
    "policies": ("Who decided", "Quem decidiu"),
    "node": ("node", "local"),
    "owner": ("owner", "proprietário"),
    "chain": ("own nodes", "locais próprios"),
    "units": ("units", "unidades"),
    "share": ("share", "participação"),
    "policy": ("policy", "política"),
    "rule": ("rule", "regra"),
    "no_rule": ("no rule", "nenhuma regra"),
    "order_count": ("orders", "pedidos"),
    "more": ("and {count} more", "e mais {count}"),
    "differences": ("What changes, in per cent of the baseline", "O que muda, em % da referência"),
    "problems": (
        "{count} orders could not be decided: {reasons}.",
        "{count} pedidos não puderam ser decididos: {reasons}.",
    ),
    "rejects": ("{count} lines of the file were left out.", "{count} linhas do arquivo foram deixadas de fora."),
    "line": ("line {line}: {why}", "linha {line}: {why}"),
    "saved": ("The page is in {path}.", "A página está em {path}."),
    "stock_time": ("Stock and network as of {time}.", "Estoque e rede de {time}."),
    "better": ("better", "melhor"),
    "worse": ("worse", "pior"),
    "unsure": ("no clear difference", "sem diferença clara"),
    "shipping": ("shipping", "frete"),
    "handling": ("picking", "separação"),
    "shipment": ("opening", "abertura"),
    "split": ("splitting", "divisão"),
    "fuel": ("fuel", "combustível"),
    "remote_area": ("remote area", "área remota"),
    "packaging": ("packaging", "embalagem"),
    "load": ("load", "carga"),
    "rejection": ("rejection risk", "risco de recusa"),
    "insurance": ("insurance", "seguro"),
    "tax": ("tax", "imposto"),
    "commission": ("commission", "comissão"),
    "stock_out": ("stock-out", "ruptura"),
    "markdown": ("markdown", "remarcação"),
}


class Words:
    """The words of one language, and numbers as it writes them. `known` are other words than a simulation's."""

    def __init__(self, texts: Texts, known: Mapping[str, tuple[str, str]] = _TEXTS) -> None:
        self._texts = texts
        self._known = known
        self._index = 1 if texts.lang == "pt-BR" else 0
        self.lang = texts.lang

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key with its values."""
        return self._known[key][self._index].format(**values)

    def of(self, name: str) -> str:
        """The word for a value of the contract; its name, if it is newer than these words."""
        found = self._known.get(f"value_{name}")
        return found[self._index] if found else name

    def number(self, value: float, places: int = 0) -> str:
        """A number as the language writes it."""
        return self._texts.number(value, places)

    def signed(self, value: float, places: int = 0) -> str:
        """A number with its sign; without one if it is nothing."""
        text = self.number(abs(value), places)
        return f"{'+' if value > 0 else '−'}{text}" if text.strip("0.,") else text
