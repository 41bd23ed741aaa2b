"""Where the data is: paths of every platform, URIs, files, ids of registered datasets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.vocabulary import load

_PARTICLES = r"(?:으로부터|으로|에서|까지|부터|에는|에|로|을|를|의|은|는|이|가|와|과|랑|도|만)"
_FOLDER_WORD = r"(?:폴더|데이터|디렉터리|디렉토리)"
_COPULA = (
    r"(?:이?(?:에요|예요|여요|야|고요?|구요?|며|요|다|죠|지요?|니까?|라서?|라고요?|라는|란|네요?|랑"
    r"|거든요?|래요?)|입니[다당]|임(?:[다당])?|인데요?|이었\S*|였\S*)"
)
_IS_THERE = r"(?:안)?에\s?있\S*"
_SIGHS = r"[ㄱ-ㅎㅏ-ㅣ~^]*"
_PARTICLE_AFTER_LATIN = Pattern(
    rf"(?<=[A-Za-z0-9_)\]]){_PARTICLES}?{_FOLDER_WORD}?{_PARTICLES}?$|(?<=/)(?:으로|에서|에|로|를|을|의)$"
    rf"|(?<=[A-Za-z0-9_)\]])(?:{_FOLDER_WORD}?{_COPULA}|{_IS_THERE})?{_SIGHS}$"
    rf"|(?<=[/\\])(?:이?(?:에요|예요|야)|이고요?|이며|입니[다당]|인데요?|{_IS_THERE}){_SIGHS}$"
)
_PARTICLE_AFTER_KOREAN = Pattern(
    r"(?<=[가-힣])(?:으로|에서|입니[다당]|이에요|예요|이야|이고요?|이며|인데요?)$"
    r"|(?<=[가-힣]{2})(?:로|을|를|에)$"
)
_RIEUL = 8  # number of the final consonant ㄹ, after which 로 stands instead of 으로
_ENDS = ".,;:!?)]}>'\""

_URI = r"[a-z][a-z0-9+.-]{1,9}://[^\s\ue000,;\"'<>]+"
_WINDOWS = r"(?<![A-Za-z])[A-Za-z]:[\\/][^\s\ue000,;\"'<>|*?]*|\\\\[\w.-]+\\[^\s\ue000,;\"'<>|*?]+"
_VARIABLE = (
    r"(?<![\w./~\\])(?:\$\{[a-z_]\w{1,60}\}|\$[a-z_]\w{1,60}|%[a-z_]\w{1,60}%)"
    r"(?:[/\\][^\s\ue000,;\"'<>]*)?"
)
_UNIX = r"(?<![\w./~\\])(?:~|\.{1,2})?/[^\s\ue000,;\"'<>]+|(?<![\w.])\.\.?\\[^\s\ue000,;\"'<>]+"
_FILE_END = (
    r"\.(?:jsonl|json|csv|tsv|parquet|arrow|txt|zip|tar|tgz|tar\.gz|yaml|yml|npz|h5)(?![A-Za-z0-9])"
)
_FILE = rf"(?<![\w./\\])[\w.-]{{1,100}}(?:/[\w.-]{{1,100}}){{0,8}}{_FILE_END}"
_DATA_FILE = Pattern(rf"{_FILE_END}$", re.IGNORECASE)
_REGISTERED = r"(?<![\w])ds_[0-9a-z]{4,32}(?![0-9a-z])"
_PLACE = Pattern(
    (
        rf"(?P<uri>{_URI})|(?P<variable>{_VARIABLE})|(?P<windows>{_WINDOWS})|(?P<unix>{_UNIX})|(?P<file>{_FILE})|"
        rf"(?P<id>{_REGISTERED})"
    ),
    re.IGNORECASE,
)
_GOES_ON = Pattern(
    # `./tiles 타일 불량/정상`: what is told apart is no folder
    r"(?!(?<=[!-~])(?: [가-힣]+){1,3}/[가-힣]+(?![\w./\\]))"
    r"(?!(?: [A-Za-z]+){1,2}/[A-Za-z]+ (?:classif|recogni|detect|sort))"
    r"(?: (?!(?:데이터(?:셋)?|폴더|파일|모델|이미지|사진|경로)[은는이가을를로에서으]*\s"
    r"|(?:에서|에|으로|안에|안의|속의?|의|을|를|은|는)\s"
    r"|(?:with|for|on|and|or|at|to|using|in|as|by|from|w|the|then|into|over|plus|but)\b)"
    r"(?:[A-Za-z]|[가-힣]{2})[\w.-]*){1,3}[/\\][^\s\ue000,;\"'<>]*"
)
_QUOTED = Pattern(
    r"\"([^\"\n]{1,300})\"|`([^`\n]{1,300})`|「([^」\n]{1,300})」"
    r"|(?<![A-Za-z0-9])'((?:[^'\n]|(?<=[A-Za-z])'(?=[A-Za-z])){1,300})'(?![A-Za-z])"
)
_FOLDER_BEFORE = Pattern(
    r"(?:\b(?:in|from|on|at|using|with|under|inside|folder|directory|dir|dataset|data|"
    r"images?|pictures?|photos?|path)\"?"
    r"|폴더|데이터|데이터셋|경로)\s*(?:called|named|is|=|:|는|은)?\s*$",
    re.IGNORECASE,
)
_FOLDER_AFTER = Pattern(
    r"^\s*(?:(?:folder|directory|dir|dataset|images?|pictures?|photos?|data)\b"
    r"|폴더|디렉터리|디렉토리|데이터|이미지|사진|안의|안에|에 있는)",
    re.IGNORECASE,
)
_RELATIVE = Pattern(r"(?<![\w./\\~-])[\w.-]{1,100}(?:/[\w.-]{1,100}){1,8}/?")
_RELATIVE_CUE = Pattern(
    r"\b(?:in|from|on|at|under|inside|using|with|folder|directory|dataset|data|"
    r"path)\s*[=:]?\s*(?:the\s+)?$"
    r"|--(?:data|dataset)[ =]$|(?:폴더|데이터|데이터셋|경로)(?:는|은)?\s*[:=]?\s*$",
    re.IGNORECASE,
)
_RELATIVE_AFTER = Pattern(
    r"^(?:으로|로|에서|를|을|에|\s?폴더|\s?데이터|\s+(?:folder|directory|dataset))"
)
_FRACTION = Pattern(r"\d+/\d+(?:[가-힣]|$)")
_NAMED_FOLDER = Pattern(
    r"\b(?:folder|directory)\s+(?:called|named)\s+([\w.-]+)|(?:\bthe|\bmy|"
    r"^)\s+([\w-]+)\s+(?:folder|directory)\b"
    r"|(?<![\w./])([A-Za-z0-9_-]+)\s?(?:폴더|디렉터리|디렉토리)",
    re.IGNORECASE,
)
_NOT_A_FOLDER = frozenset(load("lists")["no_folder"])


_PICTURE = Pattern(
    r"(?<![\w./\\])[\w./~:\\-]{1,200}\.(?:png|jpe?g|bmp|gif|webp|tiff?|heic|mp4|avi|mov|mkv|webm)(?![A-Za-z0-9])",
    re.IGNORECASE,
)


_TOLD_OF = Pattern(
    r"(?i)\b(?:see|read|check|visit|details?|described|documented|more|wiki|docs?|documentation|ticket"
    r"|link|info|instructions|guide|paper|background|reference)\b[^.;,]{0,24}$"
)


@dataclass(frozen=True)
class Place:
    """A place that was found.

    Attributes:
        sure: It can only be a place.
        longer: What it would be with the words after it, where it may be a path with spaces.
    """

    value: str
    start: int
    end: int
    sure: bool = True
    longer: str | None = None


def picture(text: str) -> tuple[int, int] | None:
    """Where a single picture or film is named, if one is: no data to train on."""
    found = _PICTURE.search(text)
    return found.span() if found else None


def only_told(text: str, place: Place) -> bool:
    """Whether a page to read is named, and no data."""
    page = place.value.lower().startswith(("http://", "https://"))
    before = text[max(0, place.start - 40) : place.start]
    return page and not _DATA_FILE.search(place.value) and bool(_TOLD_OF.search(before))


def quoted(text: str) -> Iterator[tuple[str, int, int]]:
    """What stands in quotes, with the span of the quotes."""
    for found in _QUOTED.finditer(text):
        yield next(g for g in found.groups() if g is not None), found.start(), found.end()


def quoted_place(text: str, inner: str, start: int, end: int) -> bool:
    """Whether quoted text is a place: it looks like one, or the words around it say so."""
    looks = re.search(rf"[/\\]|{_FILE_END}", inner) is not None
    return looks or bool(
        _FOLDER_AFTER.match(text[end : end + 20])
        or _FOLDER_BEFORE.search(text[max(0, start - 24) : start])
    )


def places(text: str) -> Iterator[Place]:
    """Paths, URIs, data files and dataset ids, as written."""
    for found in _PLACE.finditer(text):
        value = tidy(found[0])
        before = text[max(0, found.start() - 24) : found.start()]
        if (
            found["variable"]
            and not re.search(r"[/\\]", value)
            and not _FOLDER_BEFORE.search(before)
        ):
            continue  # of a token, perhaps, or of a machine
        if value and value not in (".", "..", "/", "~"):
            end = found.start() + len(value)
            ends = end < found.end() or found["uri"] or _DATA_FILE.search(value)
            more = None if ends else _GOES_ON.match(text, end)
            longer = tidy(text[found.start() : more.end()]) if more else None
            yield Place(value, found.start(), end, longer=longer)


def relative(text: str) -> Iterator[Place]:
    """`data/train` and the like, where the words around say that it is a place."""
    for found in _RELATIVE.finditer(text):
        value = tidy(found[0])
        if "/" not in value or not re.search(r"[^\W\d]", value) or _FRACTION.match(value):
            continue
        end = found.start() + len(value)
        before, after = text[max(0, found.start() - 24) : found.start()], text[end : end + 16]
        if _RELATIVE_CUE.search(before) or _RELATIVE_AFTER.match(after):
            yield Place(value, found.start(), end, sure=False)


def named_folder(text: str) -> Place | None:
    """The folder called `photos`, as `./photos`."""
    for found in _NAMED_FOLDER.finditer(text):
        group = next(i for i in (1, 2, 3) if found[i])
        if found[group].lower() not in _NOT_A_FOLDER:
            return Place(f"./{found[group]}", found.start(group), found.end(), sure=False)
    return None


def tidy(value: str) -> str:
    """Without the punctuation and Korean particles that follow a path in a sentence."""
    value = value.rstrip(_ENDS)
    if value.count("(") < value.count(")"):
        value = value.partition(")")[0]
    if re.search(r"[가-힣ㄱ-ㅎㅏ-ㅣ]", value):
        value = _PARTICLE_AFTER_LATIN.sub("", value)
        value = without_particle(value)
    return value


def without_particle(value: str) -> str:
    """A path that ends in Korean, without a particle that fits the syllable before it."""
    found = _PARTICLE_AFTER_KOREAN.search(value)
    if found is None:
        return value
    final = (ord(value[found.start() - 1]) - ord("가")) % 28
    fits = {
        "으로": final not in (0, _RIEUL),
        "로": final in (0, _RIEUL),
        "을": final != 0,
        "를": final == 0,
        "이야": final != 0,
    }
    return value[: found.start()] if fits.get(found[0], True) else value
