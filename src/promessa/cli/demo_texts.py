"""The demo's last page, in English and in Brazilian Portuguese."""

from __future__ import annotations

LANGUAGES = ("en", "pt-BR")

_TEXTS: dict[str, tuple[str, str]] = {
    "demo.title": ("What happened", "O que aconteceu"),
    "demo.network": ("Network", "Rede"),
    "demo.network.value": (
        "{nodes:,} nodes, {skus:,} skus, {cells:,} cells, {lanes:,} lanes",
        "{nodes:,} lojas e CDs, {skus:,} skus, {cells:,} posições de estoque, {lanes:,} rotas",
    ),
    "demo.orders": ("Orders served", "Pedidos atendidos"),
    "demo.orders.value": (
        "{served:,} of {orders:,} in full, {partial:,} in part, {refused:,} refused",
        "{served:,} de {orders:,} completos, {partial:,} em parte, {refused:,} recusados",
    ),
    "demo.shipments": ("Shipments per order", "Remessas por pedido"),
    "demo.cost": ("Cost per order", "Custo por pedido"),
    "demo.cost.value": (
        "R$ {ours:.2f}; nearest node first: R$ {nearest:.2f} ({saved:+.1f} %)",
        "R$ {ours:.2f}; nó mais próximo primeiro: R$ {nearest:.2f} ({saved:+.1f} %)",
    ),
    "demo.proven": ("Decisions proven optimal", "Decisões com prova de ótimo"),
    "demo.latency": ("Time a client waits", "Tempo que o cliente espera"),
    "demo.latency.value": (
        "{method}: p50 {p50:.1f} ms, p99 {p99:.1f} ms",
        "{method}: p50 {p50:.1f} ms, p99 {p99:.1f} ms",
    ),
    "demo.split": ("Where the time goes, p50 / p99", "Onde o tempo é gasto, p50 / p99"),
    "demo.split.value": (
        "server {server_p50:.1f} / {server_p99:.1f} ms a sourced order; kernel {kernel_p50:.3f} / {kernel_p99:.3f} ms "
        "a decision; store {store_p50:.1f} / {store_p99:.1f} ms a call, fsync included, for {batch:.1f} changes",
        "servidor {server_p50:.1f} / {server_p99:.1f} ms por pedido; kernel {kernel_p50:.3f} / {kernel_p99:.3f} ms "
        "por decisão; armazenamento {store_p50:.1f} / {store_p99:.1f} ms por chamada, com fsync, "
        "para {batch:.1f} mudanças",
    ),
    "demo.elapsed": ("Elapsed", "Tempo total"),
    "demo.elapsed.value": (
        "{total:.1f} s with start and loading; the orders {seconds:.1f} s, {rate:,.0f} a second; the flash sale apart",
        "{total:.1f} s com início e carga; os pedidos {seconds:.1f} s, {rate:,.0f} por segundo, sem a venda relâmpago",
    ),
    "demo.good": (
        "Nothing was oversold, the flash sale was exact, and the books agree.",
        "Nada foi vendido a mais, a venda relâmpago foi exata e o estoque confere.",
    ),
    "demo.good_reports": (
        "Nothing was oversold, the flash sale was exact, and the books agree; so do the reports.",
        "Nada foi vendido a mais, a venda relâmpago foi exata e o estoque confere; os relatórios, também.",
    ),
    "demo.bad": (
        "Something is wrong: a unit was oversold, the flash sale was not exact, or books or reports do not agree.",
        "Algo está errado: unidade vendida a mais, venda relâmpago inexata, ou estoque ou relatórios que não conferem.",
    ),
    "demo.flash": ("Flash sale", "Venda relâmpago"),
    "demo.flash.value": (
        "{units:,} units, {attempts:,} attempts at once: {won:,} won, {lost:,} told no, in {seconds:.1f} s; nobody "
        "paid: {back:,} back in stock",
        "{units:,} unidades, {attempts:,} tentativas ao mesmo tempo: {won:,} reservaram, {lost:,} "
        "ouviram não, em {seconds:.1f} s; ninguém pagou: {back:,} de volta ao estoque",
    ),
    "demo.journeys": ("Journeys", "Jornadas"),
    "demo.journeys.value": (
        "{days} days, {steps:,} steps in {seconds:.1f} s: {delivered:,} delivered, {collected:,} collected by their codes, "
        "{uncollected:,} not; {overdue:,} later than promised",
        "{days} dias, {steps:,} etapas em {seconds:.1f} s: {delivered:,} entregues, {collected:,} retirados com código, "
        "{uncollected:,} não; {overdue:,} depois do prometido",
    ),
    "demo.refused": ("Refused by nodes", "Recusados pelas lojas"),
    "demo.refused.value": (
        "{refused:,} shipments refused, at once or when nothing was found, {short:,} sent short; what was missing was sourced "
        "again {again:,} times",
        "{refused:,} remessas recusadas, na hora ou por não achar nada, {short:,} enviadas com falta; o que faltou buscou "
        "outra origem {again:,} vezes",
    ),
    "demo.back": ("Came back", "Voltaram"),
    "demo.back.value": (
        "{cancelled:,} orders cancelled, {returns:,} returned, {exchanges:,} exchanged, {elsewhere:,} of them in a store of "
        "another owner; {units:,} units back",
        "{cancelled:,} pedidos cancelados, {returns:,} devolvidos, {exchanges:,} trocados, {elsewhere:,} deles em loja de "
        "outro dono; {units:,} unidades de volta",
    ),
    "demo.reports": ("Reports", "Relatórios"),
    "demo.reports.value": (
        "{equal} figures are those of the demo's own books",
        "{equal} números conferem com os da própria demonstração",
    ),
    "demo.reports.none": (
        "none: they need DuckDB, pip install 'promessa[reports]'",
        "nenhum: precisam do DuckDB, pip install 'promessa[reports]'",
    ),
    "demo.page": ("All reports: {page}", "Todos os relatórios: {page}"),
    "demo.differs": ("Differs (own / reported)", "Diverge (próprio / relatório)"),
    "demo.feeds": ("Stock feeds meanwhile", "Estoque recebido no meio tempo"),
    "demo.feeds.value": ("{items:,} changes", "{items:,} mudanças"),
    "demo.audit": ("Audit of the books", "Auditoria do estoque"),
    "demo.audit.value": (
        "{cells:,} cells, {reservations:,} reservations, {events:,} log entries: {violations} violations",
        "{cells:,} posições, {reservations:,} reservas, {events:,} eventos: {violations} divergências",
    ),
    "demo.oversold": ("Units oversold", "Unidades vendidas a mais"),
    "demo.sources": (
        "Real: skus and orders (UCI Online Retail, D. Chen, CC BY 4.0), cities (kelvins/municipios-brasileiros, MIT; "
        "GeoNames, CC BY 4.0), postal codes (CEP Aberto, ODbL). Synthetic, from a fixed seed: nodes, weights, stocks, "
        "rate cards, lanes, costs, prices, which order goes where, who buys it, and what happens on its way. Nearest node "
        "first serves the same orders from the stock at the start, at the same rates; costs are compared over the "
        "{compared:,} orders to be delivered that both serve whole.",
        "Reais: skus e pedidos (UCI Online Retail, D. Chen, CC BY 4.0), cidades (kelvins/municipios-brasileiros, MIT; "
        "GeoNames, CC BY 4.0), CEPs (CEP Aberto, ODbL). Sintéticos, com semente fixa: lojas, pesos, estoques, tabelas "
        "de frete, rotas, custos, preços, o destino de cada pedido, quem compra e o que acontece no caminho. A regra do nó "
        "mais próximo atende os mesmos pedidos com o estoque do início e os mesmos fretes; os custos comparam os "
        "{compared:,} pedidos para entrega que ambos atendem por inteiro.",
    ),
}


_SWAP = str.maketrans(",.", ".,")


def text(key: str, lang: str, **values: object) -> str:
    """A text with its values, numbers as the language writes them."""
    return _TEXTS[key][LANGUAGES.index(lang)].format(**{name: _Value(value, lang) for name, value in values.items()})


def number(value: float, spec: str, lang: str) -> str:
    """A number as the language writes it: 1,234.5 or 1.234,5."""
    written = format(value, spec)
    return written.translate(_SWAP) if lang == "pt-BR" else written


class _Value:
    """A value that formats itself for a language."""

    def __init__(self, value: object, lang: str) -> None:
        self._value, self._lang = value, lang

    def __format__(self, spec: str) -> str:
        if isinstance(self._value, int | float):
            return number(self._value, spec, self._lang)
        return format(self._value, spec)
