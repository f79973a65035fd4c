"""Words in titles, language by language: what tells of death and violence, and what only sounds like it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.rules import titles
from newshole.rules.titles import LONGEST, folded, languages, sensitive_words, standard_lists

HERE = Path(titles.__file__).parent
DATA = tomllib.loads((HERE / "sensitivity.toml").read_text("utf-8"))
TITLES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in (HERE / "headlines").glob("*.toml")}

SENSITIVE = {
    "en": [
        "Three killed as bus leaves mountain road",
        "Gunman opens fire at school, police say",
        "Death toll from earthquake passes 400",
        "War enters its third winter",
        "Singer dies at 71",
        "Mourners line the streets of Leeds",
    ],
    "de": [
        "Zwei Tote bei Brand in Wohnhaus",
        "Angriffskrieg: Raketen auf Hafenstadt",
        "Schauspielerin mit 84 Jahren gestorben",
        "Anschlag auf Weihnachtsmarkt: Ermittler gehen Spuren nach",
        "Messerangriff am Bahnhof",
        "Nach Mord an Rentner: Anklage erhoben",
    ],
    "fr": [
        "L’attentat de la gare, un an après",
        "Un alpiniste meurt dans une avalanche",
        "Guerre en Ukraine : nuit de bombardements sur Kharkiv",
        "Séisme au Maroc : les secours à pied d’œuvre",
        "Mort de l’écrivain à 92 ans",
    ],
    "es": [
        "Muere a los 84 años el pintor de la bahía",
        "Detenido por asesinar a su vecino",
        "Un terremoto sacude la costa del Pacífico",
        "Atentado en un mercado de la capital",
        "La guerra cumple mil días",
    ],
    "pt": [
        "Morre aos 84 anos o pintor da baía",
        "Tiroteio deixa cinco feridos no Rio",
        "Guerra completa mil dias",
        "Suspeito de feminicídio é preso",
        "Sismo abala os Açores",
    ],
    "it": [
        "Strage sulla statale, indaga la procura",
        "È morto il maestro Bellini",
        "Omicidio di via Roma, un fermo",
        "La guerra entra nel terzo inverno",
        "Terremoto nelle Marche",
    ],
    "pl": [
        "Nie żyje znany aktor",
        "Wojna w Ukrainie. Rosjanie ostrzelali port",
        "Zabójstwo w Gdyni: zatrzymano podejrzanego",
        "Śmiertelny wypadek na A4",
        "Strzelanina w centrum miasta",
    ],
    "nl": [
        "Twee doden bij brand in flat",
        "Schrijver op 92-jarige leeftijd overleden",
        "Oorlog in Oekraïne: nieuwe aanval op haven",
        "Man neergestoken in trein",
        "Verdachte van moord op ondernemer vast",
    ],
    "ar": [
        "مقتل ثلاثة في حادث على الطريق الساحلي",
        "وفاة الكاتب عن 92 عامًا",
        "الحرب تدخل عامها الثالث",
        "زلزال يضرب الساحل وسقوط ضحايا",
        "انفجارٌ في مصنع وسط المدينة",
    ],
    "ja": [
        "バスが転落、3人死亡",
        "作家の山田さん死去、92歳",
        "ウクライナ侵攻から千日",
        "市場で爆弾が見つかる",
        "沿岸で地震、津波に注意",
    ],
}  # fmt: skip

HARMLESS = {
    "en": [
        "Supermarkets start a new price war",
        "Star Wars returns to cinemas",
        "Race for mayor ends in dead heat",
        "The phone's killer app is still the phone",
        "Meteor shower: when to see shooting stars tonight",
        "Death Valley blooms after rain",
        "Bath bombs recalled over labels",
        "Warsaw opens its deadlift arena",
        "Suicide Squad tops the box office",
        "Bored to death by your commute?",
        "Council votes to mend the old bridge",
    ],
    "de": [
        "Handelskrieg: Zölle auf Stahl steigen",
        "Star Wars: Krieg der Sterne im Kino",
        "Die Toten Hosen spielen im Stadion",
        "Urlaub am Toten Meer",
        "Warum der Wecker war, was er war",
        "Bombenstimmung beim Stadtfest",
        "Transfer-Bombe geplatzt: Stürmer wechselt",
        "Rat stimmt für die Sanierung der Brücke",
    ],
    "fr": [
        "Guerre des prix dans les supermarchés",
        "Une bombe de joie au carnaval",
        "Natures mortes au musée d’Orsay",
        "Vacances au bord de la mer Morte",
        "Ils étaient morts de rire",
        "Négociations au point mort",
        "Le conseil répare le vieux pont",
    ],
    "es": [
        "Guerra de precios en los supermercados",
        "Las negociaciones, en punto muerto",
        "Cómo funciona una bomba de calor",
        "La guerra de las galaxias vuelve al cine",
        "Día de Muertos: ofrendas en el Zócalo",
        "El concejo arregla el puente viejo",
    ],
    "pt": [
        "Guerra de preços nos supermercados",
        "Bomba de gasolina passa a aceitar Pix",
        "Férias no Mar Morto",
        "Plateia morre de rir com a estreia",
        "Guerra nas Estrelas volta ao cinema",
        "Câmara repara a ponte velha",
    ],
    "it": [
        "Guerra dei prezzi nei supermercati",
        "Bomba d’acqua su Genova, strade allagate",
        "Nature morte agli Uffizi",
        "Trattativa al punto morto",
        "Strage di cuori per il nuovo tenore",
        "Il comune ripara il vecchio ponte",
    ],
    "pl": [
        "Wojna cenowa w dyskontach",
        "Gwiezdne wojny wracają do kin",
        "Bomba kaloryczna na śniadanie",
        "Załatw sprawę bez zwłoki",
        "Samobójczy gol dał zwycięstwo Legii",
        "Gwałtowne burze nad morzem",
        "Bombki na choinkę prosto z huty",
    ],
    "nl": [
        "Prijzenoorlog tussen supermarkten",
        "Vakantie aan de Dode Zee",
        "Voorlopige aanslag valt hoger uit",
        "Moord op de Oriënt-Express in de schouwburg",
        "De dode hoek van vrachtwagens",
        "Gemeente herstelt oude brug",
    ],
    "ar": [
        "حرب النجوم تعود إلى دور السينما",
        "حرب الأسعار بين المتاجر",
        "الحرب التجارية تدخل شهرها الثالث",
        "المجلس يصلح الجسر القديم",
        "خطف الأضواء في ليلة الافتتاح",
    ],
    "ja": [
        "スーパーの価格戦争が激化",
        "コレステロールを下げる食事",
        "テロップの作り方",
        "大臣の爆弾発言に与党困惑",
        "市議会、古い橋の修繕を決める",
        "村上の打線爆発で連勝",
    ],
}  # fmt: skip


def each(cases: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(language, title) for language, listed in cases.items() for title in listed]


def test_the_languages_tried_are_those_with_lists() -> None:
    assert set(SENSITIVE) == set(HARMLESS) == languages()
    assert len(SENSITIVE) >= 8


@pytest.mark.parametrize(("language", "title"), each(SENSITIVE))
def test_a_title_of_death_or_violence_is_told(language: str, title: str) -> None:
    assert sensitive_words(title, language)


@pytest.mark.parametrize(("language", "title"), each(HARMLESS))
def test_a_title_that_only_sounds_like_it_says_nothing(language: str, title: str) -> None:
    assert sensitive_words(title, language) == ""


def test_a_context_hides_only_what_it_covers() -> None:
    assert sensitive_words("Star Wars actor dies at 80", "en") == "dies"
    assert sensitive_words("Price war ends after two killed in depot", "en") == "killed"


@pytest.mark.parametrize("tag", ["en", "en-GB", "EN_us"])
def test_a_region_does_not_matter(tag: str) -> None:
    assert sensitive_words("Two killed", tag) == "killed"


def test_a_title_in_a_language_without_a_list_says_nothing() -> None:
    assert sensitive_words("Two killed", "fi") == ""


def test_a_title_in_no_language_is_read_as_english() -> None:
    assert sensitive_words("Two killed", "") == "killed"


def test_only_whole_words_count() -> None:
    assert sensitive_words("Skilled workers, warm words, deadline", "en") == ""


def test_marks_and_case_do_not_matter() -> None:
    assert sensitive_words("“SHOT-DEAD”: the trial", "en") == "shot dead"


def test_a_figure_of_speech_says_nothing_where_it_is_at_home() -> None:
    assert sensitive_words("Rovers murdered in the mud", "en") == "murdered"
    assert sensitive_words("Rovers murdered in cup derby", "en") == ""
    assert sensitive_words("Striker murdered after derby, suspect held", "en") == "murdered, suspect"


def test_what_dies_is_a_person_unless_the_title_is_about_a_thing() -> None:
    assert sensitive_words("Novelist dies at 80", "en") == "dies"
    assert sensitive_words("The fax machine dies at last", "en") == ""
    assert sensitive_words("Toddler dies after fall onto printer", "en") == "dies, toddler"


def test_signs_of_slight_harm_speak_only_together() -> None:
    assert sensitive_words("Crash on the ring road", "en") == ""
    assert sensitive_words("Crash and blaze on the ring road", "en") == "crash, blaze"
    assert sensitive_words("Police open a new hospital for migrants", "en") == ""


def test_a_star_ends_a_word_within_a_phrase() -> None:
    assert (
        sensitive_words("Ferry disasters recalled", "en", ("ferry disaster* recall*",))
        == "ferry disasters recalled"
    )


def test_own_words_stand_beside_the_standard_or_alone() -> None:
    own = ("standard", "ferry disaster", "evacuat*")
    assert sensitive_words("Ferry disaster: a year on", "en", own) == "ferry disaster"
    assert sensitive_words("Town evacuated", "sv", own) == "evacuated"
    assert sensitive_words("Two killed", "en", own) == "killed"
    assert sensitive_words("Two killed", "en", own[1:]) == ""


def test_no_word_of_a_list_is_hidden_by_its_own_contexts() -> None:
    """Nor is a context there that hides nothing."""
    for language, lists in TITLES.items():
        for word in (*lists["words"], *lists["dying"], *lists["loose"]):
            assert sensitive_words(word.replace(" * ", " x ").replace("*", ""), language), (language, word)


def test_no_context_is_sensitive_itself() -> None:
    for language, lists in TITLES.items():
        for context in lists["but"]:
            assert not sensitive_words(context.replace("*", "e"), language), (language, context)


def test_names_of_the_standard_are_folded_and_told_once() -> None:
    for name in ("sections", "tags"):
        assert DATA[name] == [folded(each) for each in DATA[name]]
    lists = standard_lists()
    assert {"obituaries", "todesanzeigen", "nécrologie", "訃報"} <= lists.sections
    assert not lists.topics["solemn"] & lists.topics["review"]
    codes = [code for level in lists.topics.values() for code in level]
    assert {"20000062", "iab:389", "iab:i4gwl6"} <= set(codes)
    assert all(len(code) == 8 and code.isdecimal() for code in codes if not code.startswith("iab:"))


@given(st.text(max_size=600), st.sampled_from(sorted(SENSITIVE)))
def test_any_title_can_be_read(title: str, language: str) -> None:
    assert isinstance(sensitive_words(title, language), str)


@pytest.mark.parametrize("language", sorted(SENSITIVE))
@pytest.mark.parametrize("unit", ["kriegs", "war ", "dead ", "و", "ال", "テ", "a-", "\u0301"])
def test_however_long_a_title_is_its_first_letters_are_read(language: str, unit: str) -> None:
    """No time decides; a pattern that backtracks would not end at all."""
    read = (unit * LONGEST)[:LONGEST]
    assert sensitive_words(unit * 200_000, language) == sensitive_words(read, language)
    assert LONGEST < 1_000
