"""First pass over the sentence, capitals kept: places, model ids, scripts, the run's name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from trainwright.catalog import FRAMEWORKS
from trainwright.catalog.search import dataset_index, key, model_index
from trainwright.intent.rules import places
from trainwright.intent.rules.text import mask

_ID = re.compile(
    rf"(?<![\w./~\\-])(?:{'|'.join(FRAMEWORKS)})/[A-Za-z0-9][A-Za-z0-9_./:@+-]*", re.IGNORECASE
)
_HUB = re.compile(
    r"(?<![\w./~\\:-])[A-Za-z0-9][A-Za-z0-9_.-]{0,95}/[A-Za-z0-9][A-Za-z0-9_.-]{0,95}(?![\w/-])"
)
_LANGUAGE_MODEL = re.compile(r"(?i)(?:^|[-_.])\d+(?:\.\d+)?[bm](?![a-z0-9])|instruct|[-_]chat")
_SCRIPT = re.compile(r"(?<![\w])(?:\.{0,2}/)?[\w./-]{1,200}\.py(?![A-Za-z0-9_])")
_RUN_NAME = re.compile(
    r"(?:\b(?:name|call)\s+(?:it|the\s+(?:run|experiment)|this(?:\s+(?:run|experiment))?)(?:\s+as)?"
    r"|(?:\b(?:run|experiment)[\s_-]name|--(?:run-)?name|(?<![\w])name(?=\s*[:=]))(?:\s+is)?"
    r"|(?<![가-힣])(?:실행\s?|실험\s?)?이름(?:은|을|:))\s*[:=]?\s*"
    r"(?:\"([^\"\n]{1,100})\"|'([^'\n]{1,100})'|([A-Za-z0-9가-힣][\w.-]{0,99}))",
    re.IGNORECASE,
)
_NAME_PARTICLE = re.compile(r"(?<=[A-Za-z0-9_])(?:으로|로|이라고|라고|야|이야)$")


@dataclass
class Names:
    """What is named outright; `rest` is the sentence with it masked."""

    rest: str
    run_name: str | None = None
    model_ids: list[str] = field(default_factory=list)
    hub_models: list[str] = field(default_factory=list)
    places: list[places.Place] = field(default_factory=list)

    def hide(self, start: int, end: int) -> None:
        self.rest = mask(self.rest, start, end)


def read(text: str) -> Names:
    """Find what has a form of its own; nothing is looked up on disk or network."""
    names = Names(text)
    _read_run_name(names)
    _read_quoted(names)
    _read_ids(names)
    for place in places.places(names.rest):
        if not place.value.lower().endswith(".py"):
            names.places.append(place)
            names.hide(place.start, place.end)
    _read_scripts(names)
    _read_hub_names(names)
    for place in places.relative(names.rest):
        names.places.append(place)
        names.hide(place.start, place.end)
    if not names.places and (folder := places.named_folder(names.rest)):
        names.places.append(folder)
        names.hide(folder.start, folder.end)
    return names


def _read_run_name(names: Names) -> None:
    if found := _RUN_NAME.search(names.rest):
        value = next(g for g in found.groups() if g)
        names.run_name = _NAME_PARTICLE.sub("", value.strip()).rstrip(".,")
        names.hide(found.start(), found.end())


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
        value = found[0].rstrip(".,:")
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
