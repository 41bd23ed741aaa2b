"""Task, model and data: what was named is weighed together, and what is missing is asked for."""

from __future__ import annotations

from trainwright.catalog.search import find_ids, nearest_datasets
from trainwright.catalog.shelf import dataset_shelf, shelf
from trainwright.intent.gather import Signals
from trainwright.intent.questions import SOME_TASKS, sample_data, say, task_name, usual_model
from trainwright.intent.rules import datasets, models, tasks
from trainwright.spec import Chosen, Task

_BRING_OWN_DATA = ("script/", "container/")


def decide(signals: Signals) -> None:
    """Claim task, model and dataset, or ask about them."""
    _dataset(signals)
    task = _said_task(signals)
    model = _model(signals, task)
    if task is None and not signals.reading.asked("task"):
        _follow_task(signals, model)
    _needed(signals, model)


def _dataset(signals: Signals) -> None:
    reading, language = signals.reading, signals.reading.language
    places = list(dict.fromkeys(place.value for place in signals.named.places))
    found = places or signals.datasets
    if len(found) > 1:
        shown = ", ".join(found)
        reading.ask("dataset", say("two_values", language, field="dataset", values=shown), found)
    elif places:
        place = signals.named.places[0]
        if place.longer:
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


def _said_task(signals: Signals) -> Task | None:
    """The task that was said outright, if one can do with it; several are asked about."""
    reading, language = signals.reading, signals.reading.language
    said = list(dict.fromkeys(word.task for word in signals.task_words if not word.weak))
    if not said and tasks.segmentation(signals.rest):
        said = [Task.INSTANCE_SEGMENTATION, Task.SEMANTIC_SEGMENTATION]
        question = "which_segmentation"
    else:
        question = "several_tasks"
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
        for mention in _most_exact(signals.mentions):
            resolved = models.resolve(mention, said)
            if resolved is None:
                _ask_fit(signals, mention.text, task)
                return None
            chosen.append((mention.text, resolved))
    distinct = {resolved.model: (text, resolved) for text, resolved in chosen}
    if len(distinct) > 1:
        shown = ", ".join(distinct)
        reading.ask(
            "model", say("two_values", language, field="model", values=shown), list(distinct)
        )
        return None
    if not distinct:
        _ask_misspelt(signals)
        return None
    text, resolved = next(iter(distinct.values()))
    if task is not None and (able := _tasks_of(resolved.model)) and task not in able:
        _ask_fit(signals, text, task)
        return None
    if resolved.reason is None:
        reading.claim("model", resolved.model)
    else:
        reason = say(resolved.reason, language, said=text, task=task_name(task or ""))
        reading.claim("model", resolved.model, who=Chosen.INFERRED, reason=reason)
    return resolved.model


def _most_exact(mentions: list[models.ModelMention]) -> list[models.ModelMention]:
    """`train a YOLO: yolo11n` names one model, and its family besides."""
    exact = [mention for mention in mentions if not mention.family]
    return exact or mentions


def _ask_fit(signals: Signals, text: str, task: Task | None) -> None:
    language = signals.reading.language
    question = say("unfit_model", language, value=text, task=task_name(task or ""))
    signals.reading.ask("model", question, usual_model(task))


def _ask_misspelt(signals: Signals) -> None:
    word = models.misspelt(signals.rest)
    if word is not None:
        close = find_ids(word, limit=3)
        signals.reading.ask(
            "model", say("unknown_model", signals.reading.language, value=word), close
        )


def _follow_task(signals: Signals, model: str | None) -> None:
    """The task that follows from model, data or weaker words."""
    reading, language = signals.reading, signals.reading.language
    data = dataset_shelf().get(reading.value("dataset") or "")
    weak = next((word.task for word in signals.task_words), None)
    able = [Task(task) for task in _tasks_of(model)] if model else []
    if weak is not None and (not able or weak in able):
        reading.claim("task", str(weak))
        return
    if model and able:
        shared = [task for task in able if data is None or task in data.tasks] or able
        info = shelf().get(model)
        why = "task_of_model" if len(shared) == 1 else "usual_language_task"
        reason = say(why, language, model=info.title if info else model)
        reading.claim("task", str(shared[0]), who=Chosen.INFERRED, reason=reason)
    elif model and model.startswith(("trl/", "verl/")):
        reason = say("usual_language_task", language, model=model)
        reading.claim("task", str(Task.SFT), who=Chosen.INFERRED, reason=reason)
    elif data is not None and (len(data.tasks) == 1 or not tasks.language_model(signals.rest)):
        reason = say("task_of_dataset", language, dataset=data.title)
        reading.claim("task", str(data.tasks[0]), who=Chosen.INFERRED, reason=reason)
    elif tasks.language_model(signals.rest) and tasks.fine_tuning(signals.rest):
        reason = say("usual_language_task", language, model="LLM")
        reading.claim("task", str(Task.SFT), who=Chosen.INFERRED, reason=reason)


def _needed(signals: Signals, model: str | None) -> None:
    """Ask for what cannot be filled in."""
    reading, language = signals.reading, signals.reading.language
    if model and model.startswith(_BRING_OWN_DATA):
        return
    # the task of a model that must be asked for may follow from the answer
    if reading.of("task") is None and not reading.asked("model") and not reading.asked("task"):
        reading.ask("task", say("what_task", language), SOME_TASKS)
    task_name_said = reading.value("task")
    task = Task(task_name_said) if task_name_said else None
    value = reading.value("dataset")
    if value is None and not reading.asked("dataset"):
        unknown = datasets.unknown(signals.rest)
        question = (
            say("unknown_dataset", language, value=unknown)
            if unknown
            else say("what_data", language)
        )
        near = nearest_datasets(unknown) if unknown else []
        reading.ask("dataset", question, [*near, *sample_data(task)][:4])
    data = dataset_shelf().get(value or "")
    if data is not None and task is not None and task not in data.tasks:
        question = say("unfit_dataset", language, value=data.title, task=task_name(task))
        reading.ask("dataset", question, sample_data(task))
