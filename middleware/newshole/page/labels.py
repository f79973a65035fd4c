"""The short words by which people know a caption, a question, an ad or a call to read something else.

They are the openings that newsrooms write, in the languages that newshole speaks, not a dictionary: what is
not here is text. All are matched without regard to case, at the beginning of a text that is decoded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

LONGEST: Final = 60
"""Letters of a text in which its opening stands."""

_PICTURES: Final = (
    "photo", "photos", "photograph", "photo by", "photo credit", "photo courtesy", "photo illustration",
    "picture", "picture by", "pictures", "pic", "image", "image credit", "image source", "image by",
    "images", "credit", "credits", "courtesy", "courtesy of", "illustration", "graphic", "screenshot",
    "file photo", "foto", "fotos", "bild", "bilder", "bildquelle", "quelle", "grafik", "abbildung",
    "symbolbild", "crédit", "crédits", "crédit photo", "photo d'illustration", "imagen", "imágenes",
    "fotografía", "crédito", "créditos", "imagem", "imagens", "reprodução", "divulgação", "immagine",
    "fotografia", "zdjęcie", "zdj.", "fot.", "fot", "źródło", "beeld", "afbeelding", "kuva", "kuvat",
    "kép", "fotó", "snímek", "obrázok", "fotogalerie", "fotoğraf", "görsel", "φωτογραφία", "φωτο",
    "фото", "фотография", "снимок", "світлина", "изображение", "صورة", "الصورة", "تصوير", "تصویر",
    "عکس", "צילום", "תמונה", "写真", "撮影", "画像", "提供", "图片", "图", "图源", "圖", "圖片", "照片",
    "사진", "이미지", "ภาพ", "ảnh", "gambar", "फोटो", "तस्वीर",
)  # fmt: skip

_READ_ON: Final = (
    "read also", "also read", "read more", "read next", "read this next", "see also", "see more",
    "related", "related story", "related stories", "related article", "related articles",
    "related news", "related content", "related coverage", "related reading", "more on this",
    "more on this story", "more from", "more stories", "more news", "you may also like",
    "you might also like", "you may like", "recommended", "recommended for you", "recommended stories",
    "further reading", "don't miss", "dont miss", "don’t miss", "must read", "most read",
    "most popular", "editor's picks", "trending", "watch also", "watch more", "in case you missed it",
    "suggested reading", "lesen sie auch", "lesen sie mehr", "lesen sie hier", "lesen sie dazu",
    "auch interessant", "mehr zum thema", "mehr dazu", "mehr lesen",
    "das könnte sie auch interessieren", "zum thema", "lies auch", "weiterlesen", "lire aussi",
    "à lire aussi", "a lire aussi", "à lire", "lire également", "lisez aussi", "voir aussi",
    "sur le même sujet", "lee también", "lea también", "leer también", "leer más", "lee más",
    "te puede interesar", "también te puede interesar", "le puede interesar", "ver también",
    "más información", "te recomendamos", "leia também", "leia mais", "veja também", "saiba mais",
    "leggi anche", "leggi pure", "vedi anche", "per approfondire", "potrebbe interessarti",
    "czytaj także", "czytaj też", "czytaj również", "czytaj więcej", "zobacz także", "zobacz też",
    "zobacz również", "przeczytaj także", "przeczytaj też", "przeczytaj również", "polecamy",
    "lees ook", "lees meer", "bekijk ook", "læs også", "les også", "läs också", "läs även", "läs mer",
    "lue myös", "lue lisää", "čtěte také", "přečtěte si", "přečtěte si také", "čítajte aj",
    "prečítajte si", "olvassa el", "kapcsolódó", "citește și", "citeşte şi", "vezi și", "pročitajte i",
    "procitajte i", "opširnije", "прочетете още", "вижте още", "ayrıca okuyun", "bunu da oku",
    "ilgili haber", "ilgili haberler", "διαβάστε επίσης", "διαβάστε ακόμα", "δείτε επίσης",
    "читайте также", "читать также", "читайте ещё", "смотрите также", "по теме", "читайте також",
    "дивіться також", "اقرأ أيضا", "اقرأ أيضاً", "اقرأ أيضًا", "إقرأ أيضا", "اقرأ المزيد", "شاهد أيضا",
    "بیشتر بخوانید", "קראו גם", "קרא גם", "כתבות נוספות", "関連記事", "関連ニュース",
    "あわせて読みたい", "合わせて読みたい", "相关阅读", "相关新闻", "延伸阅读", "推荐阅读", "延伸閱讀",
    "相關新聞", "更多新聞", "관련 기사", "관련기사", "อ่านเพิ่มเติม", "อ่านต่อ", "ข่าวที่เกี่ยวข้อง",
    "đọc thêm", "xem thêm", "tin liên quan", "baca juga", "baca selengkapnya", "यह भी पढ़ें",
    "ये भी पढ़ें",
)  # fmt: skip

_JOIN: Final = (
    "sign up for", "sign up to", "sign up here", "sign up now", "subscribe to", "subscribe now",
    "subscribe here", "please subscribe", "please log in", "already a subscriber", "already subscribed",
    "not a subscriber", "become a subscriber", "to continue reading", "to read the full", "to read this",
    "to read more", "to view the full", "to access the full", "this article is for subscribers",
    "this content is for subscribers", "want to read more", "support our journalism", "follow us",
    "follow our", "like us on", "join our", "join us on", "get our newsletter", "get the newsletter",
    "download our app", "download the app", "newsletter", "folgen sie uns", "folge uns",
    "abonnieren sie", "jetzt abonnieren", "suivez-nous", "suivez nous", "abonnez-vous",
    "inscrivez-vous", "síguenos", "síganos", "suscríbete", "suscríbase", "únete a nuestro", "siga-nos",
    "siga a gente", "siga o", "inscreva-se", "assine", "seguici", "iscriviti", "obserwuj nas",
    "śledź nas", "zapisz się", "subskrybuj", "volg ons", "schrijf je in", "meld je aan", "følg oss",
    "følg os", "följ oss", "seuraa meitä", "sledujte nás", "bizi takip", "abone ol", "ακολουθήστε",
    "подписывайтесь", "подпишитесь", "підписуйтесь", "підпишіться", "تابعونا", "اشترك", "עקבו אחרינו",
    "关注我们", "訂閱", "ikuti kami", "theo dõi",
)  # fmt: skip

_ADS: Final = (
    "ad", "ads", "advert", "advertisement", "advertisements", "advertising", "sponsored",
    "sponsored content", "sponsored links", "promoted content", "paid content", "advertorial",
    "advertisement scroll to continue", "advertisement scroll to continue reading",
    "advertisement continue reading below", "article continues below advertisement",
    "article continues after advertisement", "story continues below advertisement",
    "story continues after advertisement", "continue reading the main story", "scroll to continue",
    "anzeige", "werbung", "publicité", "annonce", "publicidad", "anuncio", "publicidade", "anúncio",
    "continua após a publicidade", "continua depois da publicidade", "pubblicità", "annuncio",
    "reklama", "dalsza część artykułu pod reklamą", "advertentie", "reklame", "annons", "mainos",
    "hirdetés", "publicitate", "oglas", "reklam", "ilan", "διαφήμιση", "реклама", "إعلان", "اعلان",
    "إعلانات", "تبلیغات", "פרסומת", "広告", "広告の後に続く", "广告", "廣告", "광고", "โฆษณา",
    "quảng cáo", "iklan", "विज्ञापन",
)  # fmt: skip

ASKED: Final = {
    **dict.fromkeys(("q", "question"), ("a", "answer")),
    **dict.fromkeys(("f", "frage"), ("a", "antwort")),
    **dict.fromkeys(("p", "pregunta", "pergunta"), ("r", "respuesta", "resposta")),
    **dict.fromkeys(("d", "domanda"), ("r", "risposta")),
    "pytanie": ("odpowiedź",), "v": ("a",), "вопрос": ("ответ",), "в": ("о",), "питання": ("відповідь",),
    "问": ("答",), "問": ("答",), "س": ("ج",), "ש": ("ת",),
}  # fmt: skip
"""What opens a question, and what then opens its answer."""

COLONS: Final = (":", "\uff1a", "\ufe30", "\ufe55", "\ua789", "\u0589", "\u05c3")
"""What a lead-in ends with, in the scripts that have a colon of their own."""

SENTENCE_ENDS: Final = tuple(".!?…,;\uff0c\u3002\uff01\uff1f\uff61\u061f\u06d4\u0964\u037e")

_ORNAMENT: Final = " \t\n\r\f\xa0\u200b\u200e\u200f\ufeff*+-–—―•·|>»«›‹→▶►■●#[]()<=~_:.…\uff1a【】「」❯⇒"
_AGENCIES: Final = ("getty images", "shutterstock", "dpa", "afp", "reuters", "epa", "pap", "ansa", "tass")
_DASHES: Final = tuple("-‐‑‒–—―⸺~\uff5e")
_MARKS: Final = tuple(".:\uff1a)–—")
_BEFORE_CREDIT: Final = ("|", "(", "[", "/", ". ")
_AFTER_CAPTION: Final = tuple(":\uff1a/|©–—")

Openings: TypeAlias = Mapping[str, tuple[str, ...]]


def _by_letter(openings: Iterable[str]) -> Openings:
    """Openings by their first letter, longer ones first."""
    sorted_: dict[str, list[str]] = defaultdict(list)
    for each in sorted({each.casefold() for each in openings}, key=len, reverse=True):
        sorted_[each[0]].append(each)
    return {letter: tuple(each) for letter, each in sorted_.items()}


_PICTURES_BY_LETTER: Final = _by_letter(_PICTURES)
_READ_ON_BY_LETTER: Final = _by_letter(_READ_ON)
_JOIN_BY_LETTER: Final = _by_letter(_JOIN)
_ASKED_BY_LETTER: Final = _by_letter(ASKED)
_AD_LABELS: Final = frozenset(each.casefold() for each in _ADS)


def _opening(text: str, known: Openings) -> tuple[str, str] | None:
    """The opening of `known` that a text begins with as whole words, and what follows it."""
    start = text.lstrip(_ORNAMENT)[:LONGEST].casefold()
    for each in known.get(start[:1], ()):
        if start.startswith(each):
            rest = start[len(each) :]
            if not rest[:1].isalnum() or each[-1] >= "\u0e00":
                return each, rest
    return None


def opens_caption(text: str) -> bool:
    """Whether a text says of itself that it belongs to a picture ("Photo: …"), or ends with an agency."""
    if text.startswith("©") or text.rstrip(" ).]").lower().endswith(_AGENCIES):
        return True
    found = _opening(text, _PICTURES_BY_LETTER)
    return found is not None and (
        found[0].endswith((" by", " of", ".")) or found[1].lstrip().startswith(_AFTER_CAPTION)
    )


def has_credit(text: str) -> bool:
    """Whether a short text opens or ends with the credit of a picture ("… | Photo: …", "… (© …)")."""
    if opens_caption(text):
        return True
    before, _, credit = text.rpartition("\N{COPYRIGHT SIGN}")
    if before and len(credit) <= LONGEST:
        return True
    starts = max(text.rfind(each) for each in _BEFORE_CREDIT)
    return starts > 0 and opens_caption(text[starts + 1 :].strip())


def opens_promo(text: str) -> bool:
    """Whether a text begins like a call to read something else."""
    return _opening(text, _READ_ON_BY_LETTER) is not None


def opens_call(text: str) -> bool:
    """Whether a text begins like a call to subscribe, to sign up or to follow."""
    return _opening(text, _JOIN_BY_LETTER) is not None


def is_promo_label(text: str) -> bool:
    """Whether a text is the title of a box of other stories, and nothing else."""
    found = _opening(text, _READ_ON_BY_LETTER)
    return found is not None and not found[1].strip(_ORNAMENT)


def is_ad_label(text: str) -> bool:
    """Whether a text is the label of an ad, and nothing else."""
    label = " ".join(text.split()).strip(_ORNAMENT).casefold()
    return label in _AD_LABELS or label.replace(".", "") in _AD_LABELS


def question_opening(text: str) -> str | None:
    """What marks a text as a question in an interview, one of `ASKED`; None where nothing does."""
    found = _opening(text, _ASKED_BY_LETTER)
    return found[0] if found is not None and found[1].lstrip().startswith(_MARKS) else None


def opens_answer(text: str, opening: str) -> bool:
    """Whether a text is marked as the answer to a question that was marked by `opening`."""
    start = text.lstrip(_ORNAMENT)[:LONGEST].casefold()
    return any(
        start.startswith(each) and start[len(each) :].lstrip().startswith(_MARKS) for each in ASKED[opening]
    )


def opens_attribution(text: str) -> bool:
    """Whether a text begins with a dash, as the name below a quote does."""
    start = text.lstrip()
    return start.startswith(_DASHES) and start.lstrip("-‐‑‒–—―⸺~\uff5e ")[:1].isalpha()


def is_separator(text: str) -> bool:
    """Whether a text is ornament: signs without a letter or digit in it."""
    return not any(each.isalnum() for each in text)
