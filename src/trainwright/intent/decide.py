"""Task, model and data: what was named is weighed together, and what is missing is asked for."""

from __future__ import annotations

from trainwright.catalog.search import find_ids, nearest_datasets
from trainwright.catalog.shelf import dataset_shelf, shelf
from trainwright.intent.gather import Signals
from trainwright.intent.questions import (
    SOME_TASKS,
    field_name,
    sample_data,
    say,
    task_name,
    usual_model,
)
from trainwright.intent.reading import Reading
from trainwright.intent.rules import datasets, models, requests, tasks, unknown_models
from trainwright.intent.rules.patterns import Pattern
from trainwright.spec import Chosen, Task

_BRING_OWN_DATA = ("script/", "container/")
_SHOWN, _OWN_SHOWN = 4, 2
_WORD = Pattern(r"[a-z][a-z0-9_-]+|[가-힣]{2,}")


def decide(signals: Signals) -> None:
    """Claim task, model and dataset, or ask about them."""
    _dataset(signals)
    task = _said_task(signals)
    model = _model(signals, task)
    if task is None and not signals.reading.asked("task"):
        _follow_task(signals, model)
    _needed(signals, model)
    _bare_size(signals)


def _dataset(signals: Signals) -> None:
    reading, language = signals.reading, signals.reading.language
    places = list(dict.fromkeys(place.value for place in signals.named.places))
    found = places or signals.datasets
    if len(found) > 1:
        _ask_which(reading, "dataset", found)
    elif places:
        place = signals.named.places[0]
        if _is_unknown_id(reading, place.value):
            _ask_unknown(signals, place.value)
        elif place.longer:
            options = [place.longer, place.value]
            reading.ask("dataset", say("spaces", language), options)
        elif place.value.startswith("./") and not place.sure:
            reading.claim(
                "dataset", place.value, who=Chosen.INFERRED, reason=say("folder", language)
            )
        else:
            reading.claim("dataset", place.value)
    elif found:
        reading.claim("dataset", found[0])


def _is_unknown_id(reading: Reading, value: str) -> bool:
    registered = value.lower().startswith("ds_")
    return registered and reading.known is not None and reading.registered(value) is None


def _ask_unknown(signals: Signals, said: str) -> None:
    question = say("unknown_dataset", signals.reading.language, value=said)
    signals.reading.ask("dataset", question, _suggested_data(signals, nearest_datasets(said)))


def _ask_data(signals: Signals, task: Task | None) -> None:
    """Ask for the data; a name that is nearly one may have been meant."""
    reading = signals.reading
    unknown = datasets.unknown(signals.rest)
    near = nearest_datasets(unknown) if unknown else []
    words = _WORD.findall(signals.rest)
    if reading.known and not signals.named.may_be_data and (like := reading.known.like(words)):
        unknown, near = like[0], [like[1], *near]
    if unknown:
        question = say("unknown_dataset", reading.language, value=unknown)
    else:
        question = say("what_data", reading.language)
    reading.ask("dataset", question, _suggested_data(signals, near, task))


def _suggested_data(signals: Signals, near: list[str], task: Task | None = None) -> list[str]:
    """Data to choose from: what was nearly said, what the person registered, and samples."""
    known = signals.reading.known.datasets if signals.reading.known else ()
    own = [data.name for data in known if None in (task, data.task) or data.task == task]
    words = (named.dataset.name for named in signals.named.may_be_data)
    first = [*words, *near, *own[:_OWN_SHOWN]]
    return list(dict.fromkeys([*first, *sample_data(task)]))[:_SHOWN]


def _ask_which(reading: Reading, field: str, found: list[str]) -> None:
    words = {"field": field_name(field, reading.language), "values": ", ".join(found)}
    reading.ask(field, say("two_values", reading.language, **words), found)


def _said_task(signals: Signals) -> Task | None:
    """The task that was said outright, if one can do with it; several are asked about."""
    reading, language = signals.reading, signals.reading.language
    if understood := reading.value("task"):
        return Task(understood)
    if other := tasks.elsewhere(signals.rest):
        question = say("task_elsewhere", language, value=other.said)
        reading.ask("task", question, [str(task) for task in other.instead])
        signals.mentions = [
            m for m in signals.mentions if not tasks.is_variant(signals.rest, m.end)
        ]
        return None
    said = list(dict.fromkeys(word.task for word in signals.task_words if not word.weak))
    if said in ([], [Task.OBJECT_DETECTION]) and tasks.segmentation(signals.rest):
        question = "several_tasks" if said else "which_segmentation"
        said += [Task.INSTANCE_SEGMENTATION, Task.SEMANTIC_SEGMENTATION]
    else:
        question = "several_tasks"
    if Task.IMAGE_CLASSIFICATION in said and _PIXELS & set(said):
        said.remove(Task.IMAGE_CLASSIFICATION)  # `say of each pixel whether it is road`
    if len(said) > 1:
        within_reach = {t for mention in signals.mentions for t in models.within_reach(mention)}
        able = [t for t in said if t in within_reach]
        if len(able) != 1:
            reading.ask("task", say(question, language), [str(t) for t in able or said])
            return None
        said = able
    if said:
        reading.claim("task", str(said[0]))
        return said[0]
    return None


def _tasks_of(model_id: str) -> list[str]:
    record = shelf().records.get(model_id)
    return list(record["tasks"]) if record else []


def _model(signals: Signals, task: Task | None) -> str | None:
    """Claim the model that is meant; `None` when there is none, or it must be asked for."""
    reading, language = signals.reading, signals.reading.language
    ids = list(dict.fromkeys(signals.named.model_ids))
    if ids:
        chosen = [(model_id, models.Resolved(model_id)) for model_id in ids]
    else:
        said = models.Circumstances(
            framework=signals.framework,
            task=task,
            pretrained=reading.value("pretrained"),
            fine_tuning=tasks.fine_tuning(signals.rest),
        )
        chosen = []
        mentions = _most_exact([m for m in signals.mentions if not _is_ordinary(m, task)])
        if len(mentions) == 1 and mentions[0].family:
            _ask_member(signals, mentions[0], said)
            return None
        for mention in mentions:
            resolved = models.resolve(mention, said)
            if resolved is None:
                _ask_fit(signals, mention, said)
                return None
            chosen.append((mention.text, resolved))
    distinct = {resolved.model: (text, resolved) for text, resolved in chosen}
    if not distinct:
        _ask_unknown_model(signals)
        return None
    text, resolved = next(iter(distinct.values()))
    other = models.other_size(signals.rest, text, signals.model_sizes)
    if len(distinct) > 1 or other:
        _ask_which(reading, "model", list(distinct) if other is None else [text, other])
        return None
    if task is not None and (able := _tasks_of(resolved.model)) and task not in able:
        _ask_unfit(signals, text, task)
        return None
    if resolved.reason is None:
        reading.claim("model", resolved.model)
    else:
        reason = say(resolved.reason, language, said=text, task=task_name(task or "", language))
        reading.claim("model", resolved.model, who=Chosen.INFERRED, reason=reason)
    return resolved.model


def _is_ordinary(mention: models.ModelMention, task: Task | None) -> bool:
    """`flamingo or falcon` are birds, where pictures are to be told apart."""
    is_word = unknown_models.is_ordinary(mention.text)
    return is_word and task is not None and str(task) not in models.within_reach(mention)


def _most_exact(mentions: list[models.ModelMention]) -> list[models.ModelMention]:
    """`train a YOLO: yolo11n` names one model, and its family besides."""
    exact = [mention for mention in mentions if not mention.family]
    families = [mention for mention in mentions if mention.family]
    if exact and all(any(_backbone(one, family) for family in families) for one in exact):
        return families  # `mask2former swin-t`
    return exact or mentions


_NEAR_BACKBONE = 12


def _backbone(one: models.ModelMention, family: models.ModelMention) -> bool:
    """Whether a classifier is only named as a part of what is no classifier."""
    classifies = str(Task.IMAGE_CLASSIFICATION)
    near = 0 <= one.start - family.end <= _NEAR_BACKBONE
    only = all(_tasks_of(i) == [classifies] for i in one.ids)
    return near and only and all(classifies not in _tasks_of(i) for i in family.ids)


def _ask_member(signals: Signals, mention: models.ModelMention, said: models.Circumstances) -> None:
    """Ask which member of a family is meant."""
    able = models.members(mention, said)
    if able:
        question = say("which_member", signals.reading.language, value=mention.text)
        signals.reading.ask("model", question, able)
    else:
        _ask_unfit(signals, mention.text, said.task)


def _ask_fit(signals: Signals, mention: models.ModelMention, said: models.Circumstances) -> None:
    """Ask for a model of the framework that was named, or for one that can do the task."""
    named = said.framework
    if named is None or any(i.startswith(f"{named}/") for i in mention.ids):
        _ask_unfit(signals, mention.text, said.task)
        return
    near = [i for i in find_ids(mention.text, limit=50) if i.startswith(f"{named}/")]
    words = {"framework": named, "value": mention.text}
    signals.reading.ask(
        "model", say("not_in_framework", signals.reading.language, **words), near[:4]
    )


def _ask_unfit(signals: Signals, text: str, task: Task | None) -> None:
    language = signals.reading.language
    question = say("unfit_model", language, value=text, task=task_name(task or "", language))
    signals.reading.ask("model", question, usual_model(task))


def _ask_unknown_model(signals: Signals) -> None:
    word = unknown_models.find(signals.rest)
    called_after_it = any(word and word in place.value.lower() for place in signals.named.places)
    if word is None and unknown_models.refers(signals.rest):
        question = say("which_model", signals.reading.language)
        signals.reading.ask("model", question, usual_model(signals.reading.value("task")))
    elif word is not None and not called_after_it:  # `train captcha on ./captcha`
        close = find_ids(word, limit=3) or usual_model(signals.reading.value("task"))
        signals.reading.ask(
            "model", say("unknown_model", signals.reading.language, value=word), close
        )


def _follow_task(signals: Signals, model: str | None) -> None:
    """The task that follows from model, data or weaker words; several are asked about."""
    reading, language = signals.reading, signals.reading.language
    data = dataset_shelf().get(reading.value("dataset") or "")
    able = _able(signals, model)
    if tasks.reinforcement(signals.rest) and (Task.GRPO in able or not able):
        options = [t for t in tasks.REINFORCEMENT_TASKS if data is None or t in data.tasks]
        reading.ask("task", say("which_reinforcement", language), options)
        return
    weak = next((word.task for word in signals.task_words), None)
    if weak and (not able or weak in able) and (data is None or weak in data.tasks):
        reading.claim("task", str(weak))
        return
    if _task_it_was_registered_for(signals, able):
        return
    speaks = tasks.language_model(signals.rest)
    shared = [t for t in able or (data.tasks if data else []) if data is None or t in data.tasks]
    if tasks.fine_tuning(signals.rest) and Task.SFT in shared:
        shared = [Task.SFT]
    if data is not None and len(shared) > 1 and (not able or shared[0].is_language):
        reading.ask("task", say("what_task", language), shared)
    elif able:
        _infer(
            signals,
            _main(shared or able, model or signals.mentions[0].ids[0]),
            model,
            several=able[0].is_language,
        )
    elif model and model.startswith(("trl/", "verl/")):
        _infer(signals, Task.SFT, model, several=True)
    elif data is not None and (shared[0].is_language or not speaks):
        reason = say("task_of_dataset", language, dataset=data.title)
        reading.claim("task", str(shared[0]), who=Chosen.INFERRED, reason=reason)
    elif speaks and tasks.fine_tuning(signals.rest):
        _infer(signals, Task.SFT, "LLM", several=True)


def _task_it_was_registered_for(signals: Signals, able: list[Task]) -> bool:
    reading = signals.reading
    data = reading.registered(reading.value("dataset") or "")
    if data is None or data.task not in set(Task) or (able and data.task not in able):
        return False
    reason = say("task_of_dataset", reading.language, dataset=data.name)
    reading.claim_inferred("task", data.task, reason)
    return True


def _main(able: list[Task], model: str) -> Task:
    """A model that masks what it detects is named for its masks."""
    masks = Task.INSTANCE_SEGMENTATION in able and "mask" in model.lower()
    return Task.INSTANCE_SEGMENTATION if masks else able[0]


def _able(signals: Signals, model: str | None) -> list[Task]:
    """What the model can do, or the usual member of a family that is asked about."""
    if model is None and len(signals.mentions) == 1 and signals.mentions[0].family:
        model = signals.mentions[0].ids[0]
    return [Task(task) for task in _tasks_of(model)] if model else []


def _infer(signals: Signals, task: Task, model: str | None, *, several: bool) -> None:
    language = signals.reading.language
    if model is None:
        name = signals.mentions[0].text
    else:
        name = info.title if (info := shelf().get(model)) else model
    why = "usual_language_task" if several else "task_of_model"
    reason = say(why, language, model=name)
    signals.reading.claim("task", str(task), who=Chosen.INFERRED, reason=reason)


_PIXELS = {Task.SEMANTIC_SEGMENTATION, Task.INSTANCE_SEGMENTATION}
_SIZED = {Task.OBJECT_DETECTION, Task.INSTANCE_SEGMENTATION, Task.SEMANTIC_SEGMENTATION}


def _bare_size(signals: Signals) -> None:
    """`yolo11n coco128 50ep 640`: among detectors, such a number is the size of the images."""
    reading = signals.reading
    if reading.value("task") in _SIZED and reading.of("image_size") is None:
        for size in signals.bare_sizes:
            reading.claim("image_size", size)


def _needed(signals: Signals, model: str | None) -> None:
    """Ask for what cannot be filled in."""
    reading, language = signals.reading, signals.reading.language
    if model and model.startswith(_BRING_OWN_DATA):
        return
    # the task of a model that must be asked for may follow from the answer
    if reading.of("task") is None and not reading.asked("model") and not reading.asked("task"):
        reading.ask("task", say("what_task", language), SOME_TASKS)
    said = reading.value("task")
    task = Task(said) if said else None
    if (
        task
        and model is None
        and not reading.asked("model")
        and requests.speaks_of_one(signals.rest)
    ):
        reading.ask("model", say("which_model", language), usual_model(task))
    value = reading.value("dataset")
    if value is None and not reading.asked("dataset"):
        _ask_data(signals, task)
    data = dataset_shelf().get(value or "")
    if data is not None and task is not None and task not in data.tasks:
        question = say("unfit_dataset", language, value=data.title, task=task_name(task, language))
        reading.ask("dataset", question, sample_data(task))
