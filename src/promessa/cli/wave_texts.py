"""The words of a wave's table, in English and in Brazilian Portuguese."""

from __future__ import annotations

WAVE_TEXTS: dict[str, tuple[str, str]] = {
    "title": ("Orders: {orders}, waves: {waves}", "Pedidos: {orders}, ondas: {waves}"),
    "measure": ("measure", "medida"),
    "one_by_one": ("one after another", "um após o outro"),
    "together": ("together", "em conjunto"),
    "planned": ("orders planned", "pedidos planejados"),
    "unserved": ("units not served", "unidades não atendidas"),
    "cost": ("cost", "custo"),
    "bound": ("no plan costs less than", "nenhum plano custa menos que"),
    "scarce": (
        "Too little for all: {cells} pairs of sku and node, {days} days of nodes; {rounds} rounds.",
        "Insuficiente para todos: {cells} pares de item e local, {days} dias de locais; {rounds} rodadas.",
    ),
    "node": ("node", "local"),
    "sku": ("sku", "item"),
    "worth": ("one more is worth", "mais um vale"),
    "work": ("work of today", "trabalho de hoje"),
    "replayed": ("{count} orders were answered before.", "{count} pedidos já tinham resposta."),
    "changed": (
        "{count} orders were answered otherwise than planned, for stock moved meanwhile.",
        "{count} pedidos tiveram resposta diferente do plano, pois o estoque mudou nesse meio-tempo.",
    ),
    "failed": ("{count} orders have an error:", "{count} pedidos têm erro:"),
    "line": ("line {line}: {why}", "linha {line}: {why}"),
    "held": ("Held. To repeat it without doing it twice: --request-prefix {prefix}",
             "Reservado. Para repetir sem duplicar: --request-prefix {prefix}"),
    "not_held": ("Nothing is held. With --reserve it is.", "Nada foi reservado. Com --reserve, é."),
}  # fmt: skip
