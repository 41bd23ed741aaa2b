"""First pass over the sentence, capitals kept: places, model ids, scripts, the run's name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from trainwright.catalog import FRAMEWORKS
from trainwright.catalog.search import dataset_index, key, model_index
from trainwright.intent.known import Known
from trainwright.intent.rules import classes, labels, places, registered
from trainwright.intent.rules.corrections import standing
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.text import mask

_ID = Pattern(
    rf"(?<![\w./~\\-])(?:{'|'.join(FRAMEWORKS)})/[A-Za-z0-9][A-Za-z0-9_./:@+-]*", re.IGNORECASE
)
_HUB = Pattern(
    r"(?<![\w./~\\:-])[A-Za-z0-9][A-Za-z0-9_.-]{0,95}/[A-Za-z0-9][A-Za-z0-9_.-]{0,95}(?![A-Za-z0-9_/-])"
)
_LANGUAGE_MODEL = Pattern(r"(?i)(?:^|[-_.])\d+(?:\.\d+)?[bm](?![a-z0-9])|instruct|[-_]chat")
_SCRIPT = Pattern(r"(?<![\w])(?:\.{0,2}/)?[\w./-]{1,200}\.py(?![A-Za-z0-9_])")
_QUOTES = Pattern(r"\"|(?<![A-Za-z0-9])'|'(?![A-Za-z])")  # and no apostrophes
_LAUNCHER = Pattern(r"\b(?:python[\d.]*|torchrun|accelerate|deepspeed|uv\s+run)\s[^,;]*$")


@dataclass
class Names:
    """What is named outright.

    Attributes:
        rest: The sentence with it masked.
        launched: The script of a pasted command, which is the model unless its flags name one.
        picture: A single picture or film is named, which is no dataset.
        may_be_data: Where names of registered datasets stand in it like words.
    """

    rest: str
    run_name: str | None = None
    reward: str | None = None
    class_names: list[str] | None = None
    launched: str | None = None
    picture: bool = False
    model_ids: list[str] = field(default_factory=list)
    hub_models: list[str] = field(default_factory=list)
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
    _read_labels(names)
    if known is not None:
        _read_registered(names, known)
    if span := places.picture(names.rest):
        names.picture = True
        names.hide(*span)
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
    names.places = standing(names.rest, sorted(names.places, key=lambda place: place.start))
    names.rest = _QUOTES.sub(" ", names.rest)
    return names


def _read_place(names: Names, place: places.Place) -> None:
    if places.only_told(names.rest, place):
        names.hide(place.start, place.end)
        return
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


def _read_labels(names: Names) -> None:
    if found := labels.run_name(names.rest):
        names.run_name = found.value
        names.hide(found.start, found.end)
    if found := labels.reward(names.rest):
        names.reward = found.value
        names.hide(found.start, found.end)


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
        if _LAUNCHER.search(names.rest, 0, found.start()):
            names.launched = f"script/{found[0]}"
        else:
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
