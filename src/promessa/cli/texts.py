"""What people in shops and offices read, in English and in Brazilian Portuguese."""

from __future__ import annotations

import os

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
    "demo.split": ("Where the time goes, mean", "Onde o tempo é gasto, média"),
    "demo.split.value": (
        "server {server:.2f} ms a sourced order, of which kernel {kernel:.3f} ms; store {store:.2f} ms a call, fsync included, "
        "for {batch:.1f} changes",
        "servidor {server:.2f} ms por pedido, dos quais kernel {kernel:.3f} ms; armazenamento {store:.2f} ms por chamada, "
        "com fsync, para {batch:.1f} mudanças",
    ),
    "demo.flash": ("Flash sale", "Venda relâmpago"),
    "demo.flash.value": (
        "{units:,} units, {attempts:,} attempts at once: {won:,} won, {lost:,} told no, in {seconds:.1f} s",
        "{units:,} unidades, {attempts:,} tentativas ao mesmo tempo: {won:,} venderam, {lost:,} ouviram não, em {seconds:.1f} s",
    ),
    "demo.feeds": ("Stock feeds meanwhile", "Estoque recebido no meio tempo"),
    "demo.feeds.value": ("{items:,} changes", "{items:,} mudanças"),
    "demo.audit": ("Audit of the books", "Auditoria do estoque"),
    "demo.audit.value": (
        "{cells:,} cells, {reservations:,} reservations, {events:,} log entries: {violations} violations",
        "{cells:,} posições, {reservations:,} reservas, {events:,} eventos: {violations} divergências",
    ),
    "demo.oversold": ("Units oversold", "Unidades vendidas a mais"),
    "demo.sources": (
        "Real: skus and orders (UCI Online Retail, D. Chen, CC BY 4.0), cities (kelvins/municipios-brasileiros, MIT; GeoNames, "
        "CC BY 4.0), postal codes (CEP Aberto, ODbL). Synthetic: nodes, weights, stocks, rate cards, lanes, costs. The rule of "
        "thumb serves the same orders from the same stock at the same rates.",
        "Reais: skus e pedidos (UCI Online Retail, D. Chen, CC BY 4.0), cidades (kelvins/municipios-brasileiros, MIT; GeoNames, "
        "CC BY 4.0), CEPs (CEP Aberto, ODbL). Sintéticos: lojas, pesos, estoques, tabelas de frete, rotas, custos. A regra "
        "simples atende os mesmos pedidos, com o mesmo estoque e os mesmos fretes.",
    ),
    "reject.columns": (
        "the row has {found} columns and the header {expected}",
        "a linha tem {found} colunas e o cabeçalho {expected}",
    ),
    "reject.json": ("the line is no JSON object", "a linha não é um objeto JSON"),
    "reject.bytes": ("the line is not valid UTF-8 text", "a linha não é texto UTF-8 válido"),
    "reject.long": ("the line is longer than {limit} bytes", "a linha tem mais de {limit} bytes"),
    "reject.number": ("{column}: {value!r} is no whole number", "{column}: {value!r} não é um número inteiro"),
    "reject.missing": ("{column}: is missing", "{column}: está faltando"),
    "reject.unknown": ("{column}: no such column", "{column}: não existe essa coluna"),
    "reject.duplicate": ("the same cell stands in line {line}", "a mesma posição está na linha {line}"),
    "reject.server": ("{detail}", "{detail}"),
}


def language(chosen: str | None = None) -> str:
    """The language asked for, by option or PROMESSA_LANG; English otherwise."""
    asked = chosen or os.environ.get("PROMESSA_LANG", "")
    return "pt-BR" if asked.lower().replace("_", "-").startswith("pt") else "en"


def text(key: str, lang: str, **values: object) -> str:
    """A text with its values."""
    return _TEXTS[key][LANGUAGES.index(lang)].format(**values)
