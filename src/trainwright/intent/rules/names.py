"""First pass over the sentence, capitals kept: places, model ids, scripts, the run's name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from trainwright.catalog import FRAMEWORKS
from trainwright.catalog.search import dataset_index, key, model_index
from trainwright.intent.known import Known
from trainwright.intent.rules import classes, places, registered
from trainwright.intent.rules.corrections import standing
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.text import mask
from trainwright.intent.rules.vocabulary import load

_ID = Pattern(
    rf"(?<![\w./~\\-])(?:{'|'.join(FRAMEWORKS)})/[A-Za-z0-9][A-Za-z0-9_./:@+-]*", re.IGNORECASE
)
_HUB = Pattern(
    r"(?<![\w./~\\:-])[A-Za-z0-9][A-Za-z0-9_.-]{0,95}/[A-Za-z0-9][A-Za-z0-9_.-]{0,95}(?![A-Za-z0-9_/-])"
)
_LANGUAGE_MODEL = Pattern(r"(?i)(?:^|[-_.])\d+(?:\.\d+)?[bm](?![a-z0-9])|instruct|[-_]chat")
_PICTURE = Pattern(r"(?i)\.(?:jpe?g|png|bmp|webp|tiff?|gif|heic)$")
_SCRIPT = Pattern(r"(?<![\w])(?:\.{0,2}/)?[\w./-]{1,200}\.py(?![A-Za-z0-9_])")
_RUN_KO = r"(?:실행|실험|런|작업|run)"
_RUN_NAME = Pattern(
    r"(?:\b(?:name|call|label|title)\s+(?:it|the\s+(?:run|experiment|job)|this(?:\s+(?:run|experiment|job))?)(?:\s+as)?"
    r"|\b(?:run|experiment|job)\s+(?:called|named)|\bsave\s+(?:it|the\s+run)\s+as"
    r"|(?:\b(?:run|experiment|exp)[\s_-]name|--(?:run-)?name|(?<![\w])name\"?(?=\s*[:=])|\bunder\s+the\s+name(?:\s+of)?|\bwith\s+(?:the\s+)?name)(?:\s+is)?"
    rf"|(?<![가-힣])(?:{_RUN_KO}\s?)?(?<!클래스 )(?<!라벨 )(?<!범주 )이름(?:은|을|:)"
    rf"|(?<![가-힣]){_RUN_KO}\s?이름\s(?=[A-Za-z0-9\"'])"
    r"|(?<![가-힣])(?<!클래스 )(?<!라벨 )(?<!모델 )(?<!데이터 )(?<!파일 )이름\s(?=[A-Za-z0-9\"'])"
    rf"|(?<![가-힣]){_RUN_KO}\s?명(?:은|을|:)?|\bname(?:은|을|는))\s*[:=]?\s*"
    r"(?:\"([^\"\n]{1,100})\"|'([^'\n]{1,100})'|([A-Za-z0-9가-힣][\w.-]{0,99}))"
    r"|(?<![\w.-])([A-Za-z0-9][\w.-]{0,99})[\"']?"
    rf"(?:(?:이라는|라는|이란|란)\s(?:{_RUN_KO}\s?)?이름"
    rf"|(?:이라고|라고|으로|로)\s(?:{_RUN_KO}\s?)?이름(?:을|도)?\s?(?:붙|지어|짓|정))",
    re.IGNORECASE,
)
_NAME_PARTICLE = Pattern(
    r"(?<=[A-Za-z0-9_])(?:으로|로|이라고|라고|이고|고|야|이야|입니다|이에요|예요|이요|요|이며|임|를|을|이다)$"
)
_KOREAN_NAME_PARTICLE = Pattern(r"(?<=[가-힣])(?:이라고|라고|이고|입니다|이야)$")
_REWARD = Pattern(
    r"(?:\breward(?:s|[\s_-]?(?:functions?|fn|func|model|script))?|(?:보상|리워드|reward)(?:\s?함수)?)(?:\s+(?:from|in|is|of|by|with|using|called|named)|는|은|을|를|으로)*\s*[:=]?\s+?(?:\"([^\"\n]{1,200})\"|((?:\.{0,2}/)?[A-Za-z][A-Za-z0-9_./-]{1,200}))"
    r"|\breward\s?[:=]\s?\"?([A-Za-z./][A-Za-z0-9_./-]{1,200})",
    re.IGNORECASE,
)
_HANGUL = Pattern(r"[가-힣]")
_NO_REWARD = frozenset(load("lists")["no_reward"])


@dataclass
class Names:
    """What is named outright.

    Attributes:
        rest: The sentence with it masked.
        pictures: Files of one image each, which are no dataset.
        may_be_data: Where names of registered datasets stand in it like words.
    """

    rest: str
    run_name: str | None = None
    reward: str | None = None
    class_names: list[str] | None = None
    model_ids: list[str] = field(default_factory=list)
    hub_models: list[str] = field(default_factory=list)
    pictures: list[places.Place] = field(default_factory=list)
    places: list[places.Place] = field(default_factory=list)
    may_be_data: list[registered.Named] = field(default_factory=list)

    def said(self, field: str) -> str | list[str] | None:
        """The value of a spec field that is named here."""
        return {"name": self.run_name, "reward": self.reward, "class_names": self.class_names}[
            field
        ]

    def take_alone(self) -> None:
        """Take the one registered dataset that stands by itself for the data that is meant."""
        alone = [n for n in self.may_be_data if n.sense is registered.Sense.ALONE]
        if len({named.dataset for named in alone}) == 1 and not self.class_names:
            self.places.append(alone[0].place)

    def hide(self, start: int, end: int) -> None:
        self.rest = mask(self.rest, start, end)


def read(text: str, known: Known | None = None) -> Names:
    """Find what has a form or a name of its own; nothing is looked up on disk or network."""
    names = Names(text)
    _read_run_name(names)
    _read_reward(names)
    if known is not None:
        _read_registered(names, known)
    _read_quoted(names)
    _read_ids(names)
    for place in places.places(names.rest):
        if not place.value.lower().endswith(".py"):
            _read_place(names, place)
    _read_scripts(names)
    _read_hub_names(names)
    _read_classes(names)
    if not names.places:
        for place in places.relative(names.rest):
            _read_place(names, place)
    if not names.places and (folder := places.named_folder(names.rest)):
        _read_place(names, folder)
    names.pictures = [place for place in names.places if _PICTURE.search(place.value)]
    names.places = [place for place in names.places if place not in names.pictures]
    names.places = standing(names.rest, sorted(names.places, key=lambda place: place.start))
    names.rest = names.rest.replace('"', " ")
    return names


def _read_place(names: Names, place: places.Place) -> None:
    known = dataset_index().get(key(re.sub(r"\.ya?ml$", "", place.value)))
    if known is None or "/" in place.value:  # coco128.yaml is coco128
        names.places.append(place)
        names.hide(place.start, place.end)


def _read_registered(names: Names, known: Known) -> None:
    for inner, start, end in list(places.quoted(names.rest)):
        if dataset := known.find(inner):
            names.places.append(places.Place(dataset.ref, start, end))
            names.hide(start, end)
    for named in list(registered.find(names.rest, known)):
        if named.sense is registered.Sense.DATA:
            names.places.append(named.place)
            names.hide(named.start, named.end)
        else:
            names.may_be_data.append(named)


def _read_run_name(names: Names) -> None:
    if found := _RUN_NAME.search(names.rest):
        value = next(g for g in found.groups() if g)
        value = _NAME_PARTICLE.sub("", value.strip().rstrip(".,"))
        names.run_name = places.without_particle(_KOREAN_NAME_PARTICLE.sub("", value))
        _hide_value(names, found)


def _read_reward(names: Names) -> None:
    for found in _REWARD.finditer(names.rest):
        value = next(g for g in found.groups() if g).rstrip(".,/")
        if value.lower() not in _NO_REWARD:
            names.reward = value
            _hide_value(names, found)
            return


def _hide_value(names: Names, found: re.Match[str]) -> None:
    """Hide what was named, and English words that introduce it: Korean ones tell the language."""
    group = next(i for i, said in enumerate(found.groups(), 1) if said)
    start, end = found.span(group) if _HANGUL.search(found[0]) else found.span()
    names.hide(start, end)


def _read_classes(names: Names) -> None:
    if found := classes.read(names.rest):
        names.class_names = found.names
        # a blank, and no mask: `클래스는 A와 B 두 개` goes on with their number
        blank = " " * (found.end - found.start)
        names.rest = names.rest[: found.start] + blank + names.rest[found.end :]


def _read_quoted(names: Names) -> None:
    for inner, start, end in list(places.quoted(names.rest)):
        bare = inner.strip()
        if key(bare) in model_index() or key(bare) in dataset_index() or _ID.fullmatch(bare):
            continue
        if places.quoted_place(names.rest, inner, start, end):
            names.places.append(places.Place(bare, start, end))
            names.hide(start, end)


def _read_ids(names: Names) -> None:
    for found in list(_ID.finditer(names.rest)):
        value = re.sub(r"\.(?:pt|yaml)$", "", found[0].rstrip(".,:"))
        framework, _, model = value.partition("/")
        if framework.lower() == "hf" and model.startswith("/"):
            continue
        names.model_ids.append(f"{framework.lower()}/{model}")
        names.hide(found.start(), found.start() + len(value))


def _read_scripts(names: Names) -> None:
    for found in list(_SCRIPT.finditer(names.rest)):
        names.model_ids.append(f"script/{found[0]}")
        names.hide(found.start(), found.end())


def _read_hub_names(names: Names) -> None:
    for found in list(_HUB.finditer(names.rest)):
        value = found[0].rstrip(".")
        if key(value) in model_index():
            names.hub_models.append(value)
        elif dataset := dataset_index().get(key(value)):
            names.places.append(places.Place(dataset, found.start(), found.end()))
        elif _LANGUAGE_MODEL.search(value):
            names.hub_models.append(value)
        else:
            continue
        names.hide(found.start(), found.start() + len(value))
