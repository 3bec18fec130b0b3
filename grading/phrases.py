"""Words, per language, that often mark a hoop, a promise too large, blame or a template.

A hit is a place to look at, never a verdict. The lists hold whole phrases rather than single words: "your problem is
solved" blames nobody, and "the order form" is no hoop. A trailing `*` stands for any ending of the word. Case, accents
and line breaks do not matter. `NEGATIONS` are words after which a hit means its opposite ("no need to call us").
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
        "call us", "give us a call", "phone us", "call our", "fill in", "fill out", "survey", "complete the form",
        "complete this form", "submit a form", "submit the form", "cancellation form", "before we can close",
        "before we close", "before i close", "before i can close", "verify your identity", "confirm your identity",
        "please confirm that you", "please confirm your", "confirm that you want", "confirm that you would",
        "confirm that you really", "confirm the cancellation", "confirm the closure", "discount", "% off",
        "free month", "month free", "special offer", "would you consider", "stay with us", "reconsider",
        "change your mind", "are you sure", "speak to our", "speak with our", "talk to our", "schedule a call",
    ),
    "es": (
        "llámenos", "llámanos", "nos llame", "rellene", "rellena", "rellenar", "complete el formulario",
        "completar el formulario", "formulario de baja", "formulario de cancelación", "encuesta", "antes de cerrar su",
        "antes de cerrar tu", "antes de poder cerrar", "verificar su identidad", "verificar tu identidad",
        "confirme su identidad", "confirma tu identidad", "confirme que desea", "confirma que quieres",
        "confirma que deseas", "descuento", "mes gratis", "oferta especial", "oferta exclusiva", "quédate con",
        "quédese con", "reconsider*", "cambiar de opinión", "cambias de opinión", "está seguro de que",
        "estás seguro de que", "está usted seguro",
    ),
    "pt-BR": (
        "ligue para", "nos ligue", "preencha", "preencher", "formulário de cancelamento", "complete o formulário",
        "pesquisa de satisfação", "responda à pesquisa", "responder à pesquisa", "responder a uma pesquisa",
        "antes de encerrar sua", "antes de encerrar a sua", "antes de fechar sua", "antes de cancelar sua",
        "confirmar sua identidade", "verificar sua identidade", "confirme sua identidade", "confirme que deseja",
        "confirme que você quer", "desconto", "mês grátis", "oferta especial", "oferta exclusiva", "fique conosco",
        "fique com a gente", "reconsider*", "mudar de ideia", "tem certeza",
    ),
    "ro": (
        "sunați-ne", "sună-ne", "completați", "completează", "completezi", "formularul de închidere",
        "formularul de anulare", "formularul de reziliere", "sondaj*", "chestionar*", "înainte de a închide contul",
        "înainte de a vă închide", "înainte să închid*", "confirmați că doriți", "confirmați că sunteți",
        "confirmați identitatea", "confirmă că vrei", "confirmă că ești", "verificăm identitatea", "reducere",
        "discount", "lună gratuită", "ofertă specială", "rămâneți cu noi", "rămâi cu noi",
        "reconsider*", "vă răzgândiți", "te răzgândești", "sunteți sigur*", "ești sigur*",
    ),
    "ru": (
        "позвоните нам", "перезвоните", "заполните", "заполнить", "анкет*", "пройдите опрос", "пройти опрос",
        "ответьте на опрос", "прежде чем закрыть", "прежде чем мы закроем", "до закрытия аккаунта",
        "подтвердите личность", "подтвердите свою личность", "подтвердите вашу личность", "подтвердите, что вы",
        "подтвердите, что хотите", "подтвердите закрытие", "подтвердите удаление", "подтвердить личность",
        "подтвердить свою личность", "скидк*", "бесплатный месяц", "месяц бесплатно", "специальное предложение",
        "выгодное предложение", "особое предложение", "останьтесь с нами", "передума*", "вы уверены",
        "пересмотреть решение", "пересмотреть свое решение", "пересмотреть ваше решение",
    ),
    "zh-Hans": (
        "请致电", "致电我们", "致电客服", "请打电话", "给我们打电话", "打电话给我们", "拨打客服", "拨打我们", "填写",
        "问卷",
        "满意度调查", "注销前", "关闭账户前", "关闭帐户前", "请确认是否", "请确认您要", "请确认您想", "请确认您的身份",
        "验证身份", "核实身份", "验证您的身份", "核实您的身份", "优惠", "折扣", "免费一个月", "免费使用", "挽留",
        "再考虑",
        "重新考虑", "改变主意", "您确定要", "你确定要",
    ),
}  # fmt: skip

_OVERPROMISE: Mapping[str, tuple[str, ...]] = {
    "en": (
        "guarantee*", "never again", "will never happen", "never happen again", "will not happen again",
        "won't happen again", "we promise", "i promise", "100% sure", "100% certain", "100% safe", "100% secure",
        "no problem ever", "immediately fixed", "any time you want, forever", "absolutely certain",
    ),
    "es": (
        "garantizamos", "garantizo", "le garantiz*", "te garantiz*", "os garantiz*", "garantizar que", "nunca más",
        "nunca volverá", "no volverá a ocurrir", "no volverá a pasar", "no volverá a suceder", "prometemos",
        "le prometo", "te prometo", "100% segur*", "100 % segur*",
    ),
    "pt-BR": (
        "garanto", "garantimos", "garantir que", "garantindo que", "nunca mais", "não vai mais acontecer",
        "não voltará a acontecer", "não vai acontecer de novo", "prometemos", "prometo", "100% de certeza",
        "100% segur*",
    ),
    "ro": (
        "garantez", "garantăm", "vă garant*", "îți garant*", "nu se va mai întâmpla", "nu se va mai repeta",
        "nu se va întâmpla niciodată", "niciodată nu se va", "promitem", "promit", "100% sigur*",
    ),
    "ru": (
        "гарантиру*", "гарантирован*", "никогда больше", "больше никогда", "никогда не повторится",
        "больше не повторится", "больше такого не", "обещаю", "обещаем", "100% уверен*", "100 % уверен*",
    ),
    "zh-Hans": (
        "我保证", "我们保证", "向您保证", "保证今后", "保证以后", "保证不会", "绝对不会", "绝不会", "永远不会",
        "再也不会",
        "不会再发生", "我承诺", "我们承诺", "向您承诺", "百分之百", "100%解决",
    ),
}  # fmt: skip

_BLAME: Mapping[str, tuple[str, ...]] = {
    "en": (
        "the problem you have", "the problem that you have", "that is your problem", "that's your problem",
        "your problem is", "your mistake", "your fault", "your own fault", "you failed to", "you should have checked",
        "you should have read", "you should have told", "you should have known", "you should have noticed",
        "you should have asked", "you should have contacted", "you should have done", "you should have been",
        "you should have cancelled", "you should have canceled", "you should have informed", "you forgot",
        "you did not read", "you didn't read", "you did not follow", "you didn't follow", "you did not check",
        "you didn't check", "you did not provide", "you didn't provide", "you did not tell", "you didn't tell",
        "as i already said", "as i said before", "as already explained", "you claim", "as stated before",
        "as previously stated", "if you had read",
    ),
    "es": (
        "el problema que usted tiene", "el problema que tiene usted", "el problema que tienes", "su problema es",
        "tu problema es", "es su problema", "es tu problema", "fue su error", "es su error", "un error suyo",
        "por su error", "fue tu error", "es tu error", "error tuyo", "culpa suya", "culpa tuya", "es su culpa",
        "es tu culpa", "usted debería haber", "debería haber revisado", "debería haber leído",
        "debería haber comprobado", "debería haber avisado", "deberías haber", "usted olvidó", "se le olvidó",
        "olvidaste", "como ya le dije", "como ya te dije", "usted afirma", "si hubiera leído", "si hubieras leído",
    ),
    "pt-BR": (
        "o problema que você tem", "o problema que o senhor tem", "o problema que a senhora tem", "seu problema é",
        "o problema é seu", "erro seu", "foi seu erro", "por seu erro", "sua culpa", "culpa sua",
        "você deveria ter conferido", "você deveria ter verificado", "você deveria ter lido",
        "você deveria ter avisado", "você deveria ter visto", "você esqueceu", "como já disse", "como já expliquei",
        "como eu já disse", "você alega", "se tivesse lido",
    ),
    "ro": (
        "problema pe care o aveți", "problema pe care o ai", "problema dumneavoastră este că", "problema ta este că",
        "e problema dumneavoastră", "este problema dumneavoastră", "e problema ta", "este problema ta",
        "greșeala dumneavoastră", "greșeala ta", "vina dumneavoastră", "vina ta", "ar fi trebuit să verific*",
        "ar fi trebuit să vă verific*", "ar fi trebuit să citiți", "ar fi trebuit să ne anunț*",
        "ar fi trebuit să ne spune*", "ar fi trebuit să știți", "ați uitat", "ai uitat", "așa cum am mai spus",
        "cum v-am mai spus", "pretindeți", "dacă ați fi citit",
    ),
    "ru": (
        "это ваша проблема", "ваша проблема в том", "это ваши проблемы", "проблема, которая у вас", "это ваша ошибка",
        "ваша собственная ошибка", "по вашей вине", "ваша вина", "сами виноваты", "вы сами виноваты", "вы сами не",
        "вы должны были проверить", "вы должны были прочитать", "вы должны были сообщить", "вы должны были знать",
        "вы должны были заметить", "вам следовало", "вы забыли", "как я уже говорил*", "как я уже писал*",
        "как уже было сказано", "вы утверждаете", "если бы вы прочитали",
    ),
    "zh-Hans": (
        "您的问题在于", "你的问题在于", "是您的错", "是你的错", "您的失误", "你的失误", "您应该早", "你应该早",
        "您忘了",
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
    "zh-Hans": ("尊敬的客户", "亲爱的客户", "尊敬的用户", "亲爱的用户", "在此填写姓名"),
}  # fmt: skip

PHRASES: Mapping[PhraseList, Mapping[str, tuple[str, ...]]] = {
    PhraseList.HOOPS: _HOOPS,
    PhraseList.OVERPROMISE: _OVERPROMISE,
    PhraseList.BLAME: _BLAME,
    PhraseList.GENERIC: _GENERIC,
}
"""List, language tag -> phrases."""

NEGATIONS: Mapping[str, tuple[str, ...]] = {
    "en": ("no", "not", "never", "nor", "don't", "doesn't", "didn't", "won't", "wouldn't", "can't", "cannot",
           "couldn't", "needn't", "isn't", "hesitate", "feel free"),
    "es": ("no", "nunca", "tampoco", "ni"),
    "pt-BR": ("não", "nunca", "nem", "tampouco"),
    "ro": ("nu", "nici", "niciun", "nicio", "niciodată", "n"),
    "ru": ("не", "нет", "ни", "нельзя", "никакой", "никаких"),
    "zh-Hans": ("不", "没", "无需", "无法", "无须", "勿", "请别", "未能"),
}  # fmt: skip
"""Words that turn a phrase into its opposite when they stand shortly before it in the same clause."""

WITHOUT: Mapping[str, tuple[str, ...]] = {
    "en": ("without", "without having to"),
    "es": ("sin", "sin tener que"),
    "pt-BR": ("sem", "sem precisar", "sem ter que"),
    "ro": ("fără", "fără să"),
    "ru": ("без",),
    "zh-Hans": (),
}  # fmt: skip
"""Words that do so only when nothing stands between: `without filling in` is no hoop, `without your filling in` is."""
