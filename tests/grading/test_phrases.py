"""A phrase of a shared list is found where it is meant, and left alone where it is denied or quoted."""

import pytest

from grading.checks import Check, CheckKind, Note, run
from grading.phrases import NEGATIONS, PHRASES, WITHOUT, PhraseList

LOCALES = ("en", "es", "pt-BR", "ro", "ru", "zh-Hans")


def note(text, word_list, locale="en"):
    check = Check("it", CheckKind.PHRASES, ("reply",), word_list=PhraseList(word_list))
    [fact] = run([check], {"reply": text}, locale)
    return fact.note


@pytest.mark.parametrize(
    ("locale", "word_list", "text"),
    [
        ("en", "hoops", "Please fill out the form first."),
        ("en", "hoops", "Sorry, no. Please call us between 9 and 5."),
        ("en", "hoops", "Don't worry, just call us."),
        ("en", "overpromise", "This will never happen again, I promise."),
        ("en", "blame", "It was your fault."),
        ("en", "blame", "You should have checked your invoices."),
        ("es", "hoops", "Rellene el formulario de baja, por favor."),
        ("es", "overpromise", "Le garantizamos que no volverá a ocurrir."),
        ("es", "blame", "Usted debería haber leído el contrato."),
        ("pt-BR", "hoops", "Preencha o formulário de cancelamento."),
        ("pt-BR", "overpromise", "Garantimos que isso nunca mais acontece."),
        ("ro", "hoops", "Va rugam sa completati formularul."),
        ("ro", "blame", "Este vina dumneavoastră."),
        ("ru", "hoops", "Пожалуйста, заполните анкету."),
        ("ru", "overpromise", "Мы гарантируем, что всё будет хорошо."),
        ("ru", "blame", "Это ваша вина."),
        ("zh-Hans", "hoops", "对不起，请致电我们。"),
        ("zh-Hans", "overpromise", "我们保证今后顺利。"),
        ("zh-Hans", "blame", "这是您的错。"),
    ],
)
def test_what_is_meant_is_found(locale, word_list, text):
    assert note(text, word_list, locale) is Note.FOUND


@pytest.mark.parametrize(
    ("locale", "word_list", "text"),
    [
        ("en", "hoops", "There is no need to call us."),
        ("en", "hoops", "You don't have to fill out anything."),
        ("en", "hoops", "We close it without discount."),
        ("en", "hoops", "No credit or discount before that call."),
        ("en", "overpromise", "I can't guarantee a date."),
        ("en", "overpromise", "The import is at 100% now."),
        ("en", "blame", "That is not your fault."),
        ("en", "blame", 'She reads "your fault" and leaves.'),
        ("en", "blame", "Your problem has been solved; you should have received a mail."),
        ("es", "blame", "Esto no debería haber pasado."),
        ("es", "hoops", "No hace falta rellenar nada."),
        ("pt-BR", "overpromise", "Baixe a lista, só por garantia."),
        ("pt-BR", "blame", "Você deveria ter recebido um e-mail."),
        ("ro", "blame", "Nu este vina dumneavoastră."),
        ("ro", "hoops", "Puteți închide contul fără să completați ceva."),
        ("ru", "hoops", "Заполнять ничего не нужно, звоните до закрытия клиники."),
        ("ru", "overpromise", "Обещано Ане: счёт в среду. Обещать не могу."),
        ("ru", "blame", "Ваша проблема решена, вы сами можете проверить."),
        ("zh-Hans", "hoops", "您不需要填写任何东西，明天再打电话给患者。"),
        ("zh-Hans", "overpromise", "今晚能不能发，我也没法保证。"),
    ],
)
def test_what_is_denied_quoted_or_harmless_is_left_alone(locale, word_list, text):
    assert note(text, word_list, locale) is Note.NOT_FOUND


@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_knows_how_to_deny(locale):
    assert NEGATIONS[locale]
    assert locale in WITHOUT


@pytest.mark.parametrize("locale", LOCALES)
def test_no_phrase_denies_itself(locale):
    for word_list in (PhraseList.HOOPS, PhraseList.OVERPROMISE, PhraseList.BLAME):
        for phrase in PHRASES[word_list][locale]:
            assert note(f"… {phrase.rstrip('*')} …", word_list, locale) is Note.FOUND, phrase


def test_a_challenges_own_words_are_taken_as_they_are():
    check = Check("it", CheckKind.PHRASES, ("reply",), word_list=PhraseList.HOOPS, phrases={"en": ("branch office",)})

    [fact] = run([check], {"reply": "No need to call us or to see the branch office."}, "en")

    assert fact.seen == 1
    assert fact.where == ((33, 46),)
