"""Sentences that store and office people read, in English and Brazilian Portuguese."""

from __future__ import annotations

from promessa.cli.failure import usage
from promessa.domain.why_sentences import SYMBOLS

LANGUAGES = ("en", "pt-BR")

_TEXTS: dict[str, tuple[str, str]] = {
    # Import: why a row is rejected
    "encoding": (
        "The line is not UTF-8 text. Save the file as UTF-8.",
        "A linha não é texto UTF-8. Salve o arquivo como UTF-8.",
    ),
    "nul": (
        "The line has a NUL byte, which no text has. Remove it.",
        "A linha tem um byte NUL, que não existe em texto. Remova-o.",
    ),
    "too_long": (
        "The line is longer than {limit} bytes. A quotation mark or line break may be missing before it.",
        "A linha tem mais de {limit} bytes. Talvez falte uma aspa ou uma quebra de linha antes dela.",
    ),
    "csv": (
        "The line is not well-formed CSV ({detail}). Check its quotation marks.",
        "A linha não é um CSV bem formado ({detail}). Confira as aspas.",
    ),
    "json": (
        "The line is not a JSON object ({detail}).",
        "A linha não é um objeto JSON ({detail}).",
    ),
    "columns": (
        "The line has {found} columns and the header has {wanted}. Check for a missing or an extra separator.",
        "A linha tem {found} colunas e o cabeçalho tem {wanted}. Confira se falta ou sobra um separador.",
    ),
    "unknown_field": (
        "There is no column {field}. Check its spelling.",
        "Não existe a coluna {field}. Confira o nome.",
    ),
    "missing": (
        "{field} is empty, and it is needed.",
        "{field} está vazio e é obrigatório.",
    ),
    "not_a_number": (
        "{field} is {value}, which is not a whole number.",
        "{field} é {value}, que não é um número inteiro.",
    ),
    "not_an_instant": (
        "{field} is {value}, which is no instant. Write it like 2026-03-01T18:30:00-03:00.",
        "{field} é {value}, que não é um instante. Escreva como 2026-03-01T18:30:00-03:00.",
    ),
    "not_a_list": (
        "{field} is {value}, which is not a list. Separate its values by |, or write a JSON list.",
        "{field} é {value}, que não é uma lista. Separe os valores com |, ou escreva uma lista JSON.",
    ),
    "not_brackets": (
        "{field} is {value}. Write max_weight_grams:price_micros pairs separated by |, or a JSON list of objects.",
        "{field} é {value}. Escreva pares max_weight_grams:price_micros separados por |, ou uma lista JSON de objetos.",
    ),
    "not_components": (
        "{field} is {value}. Write sku:quantity pairs separated by |, or a JSON list of objects.",
        "{field} é {value}. Escreva pares sku:quantidade separados por |, ou uma lista JSON de objetos.",
    ),
    "not_hours": (
        "{field} is {value}. Write weekdays (1 Monday to 7 Sunday) with hours, as 1-5 09:00-18:00|6 09:00-13:00, or a JSON "
        "list of objects.",
        "{field} é {value}. Escreva dias da semana (1 segunda a 7 domingo) com horas, como 1-5 09:00-18:00|6 09:00-13:00, "
        "ou uma lista JSON de objetos.",
    ),
    "not_days": (
        "{field} is {value}. Write days, with hours if they are open, as 2026-12-24 09:00-13:00|2026-12-25, or a JSON list "
        "of objects.",
        "{field} é {value}. Escreva dias, com horas se abertos, como 2026-12-24 09:00-13:00|2026-12-25, ou uma lista JSON "
        "de objetos.",
    ),
    "not_areas": (
        "{field} is {value}. Write prefixes of postal codes with the surcharge in micros, as 69,68:12000000|77:5000000, or a "
        "JSON list of objects.",
        "{field} é {value}. Escreva prefixos de CEP com a sobretaxa em micros, como 69,68:12000000|77:5000000, ou uma lista "
        "JSON de objetos.",
    ),
    "not_objects": (
        "{field} is {value}. Write a JSON list of objects with the fields of the API.",
        "{field} é {value}. Escreva uma lista JSON de objetos com os campos da API.",
    ),
    "not_a_decimal": (
        "{field} is {value}, which is not a decimal number with a point, as 1.250.",
        "{field} é {value}, que não é um número decimal com ponto, como 1.250.",
    ),
    "too_fine": (
        "{field} is {value}, and {sku} is counted with {decimals} decimals.",
        "{field} é {value}, e {sku} é contado com {decimals} casas decimais.",
    ),
    "is_kit": (
        "The sku {value} is a kit and has no stock of its own. Count its components.",
        "O sku {value} é um kit e não tem estoque próprio. Conte os componentes.",
    ),
    "not_text": (
        "{field} is {value}, which is not text.",
        "{field} é {value}, que não é texto.",
    ),
    "not_a_choice": (
        "{field} is {value}. Possible values: {choices}.",
        "{field} é {value}. Valores possíveis: {choices}.",
    ),
    "characters": (
        "{field} is {value}. It may only have {allowed}.",
        "{field} é {value}. Só pode ter {allowed}.",
    ),
    "range": (
        "{field} is {value}. It must be between {low} and {high}.",
        "{field} é {value}. Deve estar entre {low} e {high}.",
    ),
    "rule": (
        "{field} is {value}: it {rule}.",
        "{field} é {value}: não cumpre a regra “{rule}”.",
    ),
    "zero": (
        "{field} is 0, which changes nothing.",
        "{field} é 0, o que não muda nada.",
    ),
    "brackets_rise": (
        "The brackets must rise in weight and must not fall in price.",
        "As faixas devem crescer em peso e não podem cair em preço.",
    ),
    "currency": (
        "currency_code is {value}, and the other rate cards are in {other}. A data set has one currency.",
        "currency_code é {value}, e as outras tabelas de frete estão em {other}. Só pode haver uma moeda.",
    ),
    "time_zone": (
        "time_zone is {value}, which is no IANA time zone such as America/Sao_Paulo.",
        "time_zone é {value}, que não é um fuso horário IANA como America/Sao_Paulo.",
    ),
    "unknown_sku": (
        "There is no sku {value}. Import it first, or correct it.",
        "Não existe o SKU {value}. Importe-o antes, ou corrija.",
    ),
    "unknown_node": (
        "There is no node {value}. Import it first, or correct it.",
        "Não existe o local {value}. Importe-o antes, ou corrija.",
    ),
    "unknown_calendar": (
        "There is no calendar {value}. Import it first, or correct it.",
        "Não existe o calendário {value}. Importe-o antes, ou corrija.",
    ),
    "unknown_rate_card": (
        "There is no rate card {value}. Import it first, or correct it.",
        "Não existe a tabela de frete {value}. Importe-a antes, ou corrija.",
    ),
    "duplicate": (
        "The file has {value} already. Keep the row that is right.",
        "O arquivo já tem {value}. Mantenha a linha correta.",
    ),
    "insufficient": (
        "There are only {value} units on hand, fewer than would leave.",
        "Há apenas {value} unidades em estoque, menos do que sairia.",
    ),
    "overflow": (
        "The quantity is larger than a cell can hold.",
        "A quantidade é maior do que o permitido.",
    ),
    "server": (
        "The server refused it: {value}",
        "O servidor recusou: {value}",
    ),
    "allowed_id": ("letters, digits and . _ : / -", "letras, dígitos e . _ : / -"),
    "allowed_country": ("two capital letters (ISO 3166), such as BR", "duas letras maiúsculas (ISO 3166), como BR"),
    "allowed_currency": (
        "three capital letters (ISO 4217), such as BRL",
        "três letras maiúsculas (ISO 4217), como BRL",
    ),
    "allowed_postal": ("letters and digits, 12 at most", "letras e dígitos, no máximo 12"),
    "allowed_gtin": ("8, 12, 13 or 14 digits", "8, 12, 13 ou 14 dígitos"),
    "allowed_text": (
        "characters that can be seen, no line breaks or tabs",
        "caracteres visíveis, sem quebras de linha",
    ),
    # Import: summary
    "applied": ("applied", "aplicadas"),
    "unchanged": ("unchanged", "sem mudança"),
    "stale": ("older than known", "mais antigas"),
    "rejected": ("rejected", "rejeitadas"),
    "rows": ("rows", "linhas"),
    "valid": ("valid", "válidas"),
    "file": ("file", "arquivo"),
    "kind": ("kind", "tipo"),
    "line": ("line", "linha"),
    "reason": ("reason", "motivo"),
    "seconds": ("seconds", "segundos"),
    "would": (
        "{file}: {changed} rows would change what is on hand or can be promised, {unchanged} would not, {stale} are older "
        "than known.",
        "{file}: {changed} linhas mudariam o estoque ou o disponível, {unchanged} não, {stale} são mais antigas.",
    ),
    "dry_run": (
        "Dry run: nothing was written. Leave --dry-run out to import.",
        "Simulação: nada foi gravado. Remova --dry-run para importar.",
    ),
    "rejects_file": (
        "Rejected rows are in {path}, each with its line and reason. Correct them there and import that file.",
        "As linhas rejeitadas estão em {path}, cada uma com sua linha e motivo. Corrija-as ali e importe esse arquivo.",
    ),
    "stale_note": (
        "Rows older than known: a later count of the cell was applied before. --as-of says when stock was counted.",
        "Linhas mais antigas: uma contagem posterior já foi aplicada. --as-of diz quando o estoque foi contado.",
    ),
    # Why an order is sourced as it is
    "why_title": ("Why these nodes", "Por que esses locais"),
    "why_others": ("Other nodes: {shown}. --json lists every one.", "Outros locais: {shown}. --json lista todos."),
    "why_node": ("node", "local"),
    "why_why": ("why", "por quê"),
    "fate_chosen": ("chosen", "escolhido"),
    "fate_not_eligible": ("not eligible", "não elegível"),
    "fate_no_lane": ("no lane goes there from it", "nenhuma rota sai dele para lá"),
    "fate_no_stock": ("has none of it", "não tem nenhum dos itens"),
    "fate_short": ("has too few of {skus}", "tem poucas unidades de {skus}"),
    "fate_too_heavy": ("its lanes do not take the weight", "suas rotas não aceitam o peso"),
    "fate_costs_more": (
        "any plan with it costs at least {more} more",
        "qualquer plano com ele custa pelo menos {more} a mais",
    ),
    "fate_exactly_more": ("the best plan with it costs {more} more", "o melhor plano com ele custa {more} a mais"),
    "fate_by_excluded_nodes": ("excluded by the order", "excluído pelo pedido"),
    "fate_by_node_group": ("not in group {text}", "fora do grupo {text}"),
    "fate_by_latest_delivery": ("arrives too late", "chega tarde demais"),
    "fate_by_policy_filter": ("left out by “{text}” of rule {rule}", "fora por “{text}” da regra {rule}"),
    "fate_by_policy_limit": ("left out by “{text}” of rule {rule}", "fora por “{text}” da regra {rule}"),
    "fate_by_policy_rules": (
        "no rule of policy {text} lets the order go",
        "nenhuma regra da política {text} deixa o pedido sair",
    ),
    "fate_by_node_paused": ("paused", "em pausa"),
    "fate_by_node_full": ("takes on no more today", "não assume mais pedidos hoje"),
    "fate_by_node_cooling": ("refused, left alone until {text}", "recusou, em descanso até {text}"),
    "fate_by_allowed_kinds": ("the order allows {text} alone", "o pedido só permite {text}"),
    "fate_by_out_of_reach": ("its lanes do not reach so far", "suas rotas não chegam tão longe"),
    "fate_by_own_stock": (
        "by what the order says of the stock of {text}",
        "pelo que o pedido diz do estoque de {text}",
    ),
    "constraint_max_shipments": ("shipments allowed: {text}", "remessas permitidas: {text}"),
    "constraint_ship_complete": ("ship complete", "pedido completo"),
    "constraint_keep_lines_whole": ("lines kept whole", "linhas inteiras"),
    "constraint_latest_delivery": ("latest delivery {text}", "entrega até {text}"),
    "constraint_excluded_nodes": ("excluded nodes {nodes}", "locais excluídos {nodes}"),
    "constraint_node_group": ("node group, also {nodes}", "grupo de locais, também {nodes}"),
    "constraint_policy_filter": ("filter “{text}” of rule {rule}", "filtro “{text}” da regra {rule}"),
    "constraint_policy_limit": ("limit “{text}” of rule {rule}", "limite “{text}” da regra {rule}"),
    "constraint_policy_rules": ("policy {text}", "política {text}"),
    "constraint_owner_limit": ("limit of the owner", "limite do dono"),
    "constraint_stock": ("more stock", "mais estoque"),
    "constraint_allowed_kinds": ("only {text}", "somente {text}"),
    "constraint_own_stock": ("stock of {text} left out", "sem o estoque de {text}"),
    "map_title": ("Why order {order} is sourced so", "Por que o pedido {order} é atendido assim"),
    "map_subtitle": ("{lines} to {postal_code}, {country}", "{lines} para {postal_code}, {country}"),
    "map_cost": ("Cost by term", "Custo por componente"),
    "map_total": ("Total", "Total"),
    "map_shipments": ("Shipments", "Envios"),
    "map_relaxations": ("What would serve all of it", "O que atenderia tudo"),
    "map_in_shipments": ("{count} shipments", "{count} remessas"),
    "map_destination": ("Destination", "Destino"),
    "map_chosen": ("chosen", "escolhido"),
    "map_runner": ("closest runners-up", "alternativas mais próximas"),
    "map_dearer": ("costs more", "custa mais"),
    "map_short": ("too little stock", "estoque insuficiente"),
    "map_out": ("left out", "fora"),
    "map_about": (
        "The destination is drawn at the capital of {region}: only the postal code is known.",
        "O destino aparece na capital de {region}: só o CEP é conhecido.",
    ),
    "map_no_destination": (
        "Where the order goes is not known in degrees, so no lanes are drawn (--position says it).",
        "As coordenadas do destino não são conhecidas, portanto as rotas não aparecem (--position as informa).",
    ),
    "map_nowhere": (
        "{count} nodes do not say where they are and are not drawn.",
        "{count} locais não informam onde estão e não aparecem.",
    ),
    "term_shipping": ("shipping", "frete"),
    "term_handling": ("picking", "separação"),
    "term_shipment": ("opening shipments", "abertura de remessas"),
    "term_split": ("splitting", "divisão"),
    "term_fuel": ("fuel", "combustível"),
    "term_remote_area": ("remote area", "área remota"),
    "term_packaging": ("packaging", "embalagem"),
    "term_load": ("load", "carga do dia"),
    "term_rejection": ("risk of refusal", "risco de recusa"),
    "term_insurance": ("insurance", "seguro"),
    "term_tax": ("tax", "impostos"),
    "term_commission": ("commission", "comissão"),
    "term_stock_out": ("stock-out risk", "risco de ruptura"),
    "term_markdown": ("markdown saved", "remarcação evitada"),
    "decision_previous": ("It follows {decision}: a node refused.", "Segue {decision}: um local recusou."),
    "decision_later": (
        "It was followed by {decisions}: nodes refused.",
        "Foi seguida por {decisions}: locais recusaram.",
    ),
    "replay_identical": ("Made again: identical to the last micro.", "Refeita: idêntica até o último micro."),
    "replay_differs": (
        "Made again, it is another decision. At {place}: recorded {recorded}, found {found}.",
        "Refeita, é outra decisão. Em {place}: registrado {recorded}, encontrado {found}.",
    ),
    "replay_altered": ("The record is not as it was written.", "O registro não está como foi gravado."),
    "replay_other_engine": (
        "Another version or build of promessa made it.",
        "Outra versão ou compilação do promessa a tomou.",
    ),
    "map_written": ("The map is in {path}.", "O mapa está em {path}."),
}


class Texts:
    """The sentences of one language."""

    def __init__(self, lang: str = "en") -> None:
        by_lower = {name.lower(): number for number, name in enumerate(LANGUAGES)} | {"pt": 1, "pt_br": 1}
        found = by_lower.get(lang.lower())
        if found is None:
            raise usage(f"There is no language {lang!r}. Use {' or '.join(LANGUAGES)} (--lang, PROMESSA_LANG).")
        self._index = found
        self.lang = LANGUAGES[found]

    def __call__(self, key: str, **values: object) -> str:
        """The sentence of a key with its values."""
        return _TEXTS[key][self._index].format(**values)

    def money(self, micros: int, currency: str = "") -> str:
        """Micros as an amount with two places and its currency."""
        return f"{SYMBOLS.get(currency, currency)} {self.number(micros / 1_000_000, 2)}".lstrip()

    def number(self, value: float, places: int = 0) -> str:
        """A number as the language writes it."""
        text = f"{value:,.{places}f}"
        return text.translate(str.maketrans(",.", ".,")) if self._index == 1 else text
