"""The six languages of Winnow and their names elsewhere; the only place where a language tag is translated."""

LOCALES: tuple[str, ...] = ("en", "es", "pt-BR", "ro", "ru", "zh-Hans")
"""Language tags as used in file names, addresses, forms and the database; all fall back to English."""

DEFAULT = "en"

_BABEL = {"pt-BR": "pt_BR", "zh-Hans": "zh_Hans"}
_TAGS = {name: tag for tag, name in _BABEL.items()}
_OWN_NAMES = {
    "en": "English",
    "es": "Español",
    "pt-BR": "Português (Brasil)",
    "ro": "Română",
    "ru": "Русский",
    "zh-Hans": "简体中文",
}


def babel_name(tag: str) -> str:
    """Return Babel's name of one of our tags: `pt-BR` becomes `pt_BR`. Raises ValueError for a tag that is not ours."""
    if tag not in LOCALES:
        raise ValueError(f"not one of our languages: {tag!r}")
    return _BABEL.get(tag, tag)


def tag(babel_name: str) -> str:
    """Return our tag for a Babel name: `zh_Hans` becomes `zh-Hans`. Raises ValueError for a language we do not have."""
    found = _TAGS.get(babel_name, babel_name)
    if found not in LOCALES:
        raise ValueError(f"not one of our languages: {babel_name!r}")
    return found


def own_name(tag: str) -> str:
    """Return what speakers call their language, for a switcher. Raises KeyError for a tag that is not ours."""
    return _OWN_NAMES[tag]
