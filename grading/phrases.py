"""Word lists per language for the checks: words that often mark a hoop, a promise too large, blame or a template.

A hit is a place to look at, never a verdict: "no need to call us" holds a hoop word and is the opposite of a hoop.
A trailing `*` stands for any ending of the word. Case, accents and line breaks do not matter.
"""

from collections.abc import Mapping
from enum import StrEnum


class PhraseList(StrEnum):
    """The lists that a challenge may name in a check of kind `phrases`."""

    HOOPS = "hoops"
    OVERPROMISE = "overpromise"
    BLAME = "blame"
    GENERIC = "generic"


_HOOPS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "call us", "give us a call", "phone us", "fill in", "fill out", "survey", "complete the form", "submit a form",
        "cancellation form", "before we can close", "before we close", "before i close", "before i can close",
        "verify your identity", "confirm your identity", "confirm that you", "please confirm", "discount", "% off",
        "free month", "special offer", "would you consider", "stay with us", "reconsider", "change your mind",
        "are you sure", "speak to", "schedule a call",
    ),
    "es": (
        "llámenos", "llámanos", "nos llame", "rellene", "rellena", "rellenar", "complete el formulario", "formulario",
        "encuesta", "antes de cerrar", "antes de poder cerrar", "verificar su identidad", "verificar tu identidad",
        "confirme", "confirma que", "confirmar que", "descuento", "mes gratis", "oferta", "quédate", "quédese",
        "reconsider*", "cambiar de opinión", "cambias de opinión", "está seguro", "estás seguro",
    ),
    "pt-BR": (
        "ligue para", "nos ligue", "preencha", "preencher", "formulário", "pesquisa", "antes de encerrar",
        "antes de fechar", "antes de cancelar", "confirmar sua identidade", "verificar sua identidade", "confirme",
        "desconto", "mês grátis", "oferta", "fique conosco", "reconsider*", "mudar de ideia", "tem certeza",
    ),
    "ro": (
        "sunați-ne", "sună-ne", "completați", "completează", "formular*", "sondaj*", "chestionar*",
        "înainte de a închide", "înainte să închid*", "confirmați", "confirmă că", "verificăm identitatea", "reducere",
        "discount", "lună gratuită", "ofertă", "rămâneți cu noi", "rămâi cu noi", "reconsider*", "vă răzgândiți",
        "te răzgândești", "sunteți sigur*", "ești sigur*",
    ),
    "ru": (
        "позвоните", "перезвоните", "заполните", "заполнить", "анкет*", "опрос*", "форму", "прежде чем закрыть",
        "прежде чем мы закроем", "до закрытия", "подтвердите", "подтвердить личность", "скидк*", "бесплатный месяц",
        "предложени*", "останьтесь", "передума*", "вы уверены", "пересмотр*",
    ),
    "zh-Hans": (
        "致电", "打电话", "电话联系", "填写", "表格", "问卷", "调查", "注销前", "关闭前", "之前请", "请确认",
        "验证身份", "核实身份", "优惠", "折扣",
        "免费一个月", "免费使用", "挽留", "再考虑", "重新考虑", "改变主意", "您确定",
    ),
}  # fmt: skip

_OVERPROMISE: Mapping[str, tuple[str, ...]] = {
    "en": (
        "guarantee*", "never again", "will never happen", "we promise", "i promise", "100%", "always be",
        "no problem ever", "immediately fixed", "any time you want, forever", "absolutely certain",
    ),
    "es": ("garantiz*", "nunca más", "nunca volverá", "prometemos", "le prometo", "te prometo", "100%", "100 %"),
    "pt-BR": ("garant*", "nunca mais", "prometemos", "prometo", "100%"),
    "ro": ("garant*", "niciodată", "promitem", "promit", "100%"),
    "ru": ("гарантир*", "никогда больше", "больше никогда", "обеща*", "100%", "100 %"),
    "zh-Hans": ("保证", "绝对不会", "永远不会", "再也不会", "承诺", "100%"),
}  # fmt: skip

_BLAME: Mapping[str, tuple[str, ...]] = {
    "en": (
        "the problem you have", "your problem", "your mistake", "your fault", "you failed to", "you should have",
        "you forgot", "you did not", "you didn't", "as i already said", "as already explained", "you claim",
        "as stated before", "as previously stated", "if you had read",
    ),
    "es": (
        "el problema que usted tiene", "el problema que tienes", "su problema", "tu problema", "su error", "tu error",
        "culpa suya", "es su culpa", "es tu culpa", "debería haber", "deberías haber", "olvidó", "olvidaste",
        "como ya le dije", "como ya te dije", "usted afirma", "si hubiera leído",
    ),
    "pt-BR": (
        "o problema que você tem", "seu problema", "seu erro", "sua culpa", "você deveria ter", "você esqueceu",
        "como já disse", "como já expliquei", "você alega", "se tivesse lido",
    ),
    "ro": (
        "problema pe care o aveți", "problema dumneavoastră", "problema ta", "greșeala dumneavoastră", "greșeala ta",
        "vina dumneavoastră", "vina ta", "ar fi trebuit să", "ați uitat", "ai uitat", "așa cum am mai spus",
        "pretindeți", "dacă ați fi citit",
    ),
    "ru": (
        "ваша проблема", "ваши проблемы", "ваша ошибка", "по вашей вине", "вы сами", "вы должны были", "вам следовало",
        "вы забыли", "как я уже говорил*", "как уже было сказано", "вы утверждаете", "если бы вы прочитали",
    ),
    "zh-Hans": (
        "您的问题在于", "你的问题在于", "是您的错", "是你的错", "您的失误", "你的失误", "您应该早", "您忘了",
        "您忘记了", "我已经说过", "之前已经说过", "您声称", "如果您读过",
    ),
}  # fmt: skip

_GENERIC: Mapping[str, tuple[str, ...]] = {
    "en": (
        "dear customer", "dear valued customer", "valued customer", "dear sir or madam", "dear sir/madam", "dear user",
        "dear client", "to whom it may concern", "your name here", "insert name", "lorem ipsum",
    ),
    "es": ("estimado cliente", "estimada cliente", "apreciado cliente", "estimado/a", "querido cliente",
           "estimado usuario", "a quien corresponda", "su nombre aquí"),
    "pt-BR": ("prezado cliente", "prezada cliente", "caro cliente", "prezado(a)", "caro(a)", "estimado cliente",
              "prezado usuário", "a quem possa interessar", "seu nome aqui"),
    "ro": ("stimate client", "stimată clientă", "dragă client", "stimate utilizator", "stimate domn/doamnă",
           "numele dumneavoastră aici"),
    "ru": ("уважаемый клиент", "уважаемые клиенты", "дорогой клиент", "уважаемый пользователь", "уважаемый(ая)",
           "ваше имя здесь"),
    "zh-Hans": ("尊敬的客户", "亲爱的客户", "尊敬的用户", "亲爱的用户", "您的姓名", "客户姓名"),
}  # fmt: skip

PHRASES: Mapping[PhraseList, Mapping[str, tuple[str, ...]]] = {
    PhraseList.HOOPS: _HOOPS,
    PhraseList.OVERPROMISE: _OVERPROMISE,
    PhraseList.BLAME: _BLAME,
    PhraseList.GENERIC: _GENERIC,
}
"""List, language tag -> phrases."""
