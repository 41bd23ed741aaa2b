"""What is to be done to runs: proposed with a question, and done after a yes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from trainwright import catalog
from trainwright.datasets.place import check_place
from trainwright.frameworks.inventory import bring_frameworks
from trainwright.intent.parser import listen, parse
from trainwright.intent.reading import spec_fields
from trainwright.server import creation
from trainwright.server.chat import topics
from trainwright.server.chat.context import Answer, Message
from trainwright.server.chat.going_back import checkpoint_in
from trainwright.server.chat.memory import MOST_PROPOSED
from trainwright.server.chat.phrases import setting, status_words
from trainwright.server.chat.references import MASK, Meant, newest, one, run_of, spoken_of
from trainwright.server.chat.runs import best, table_of
from trainwright.server.chat.topics import Action
from trainwright.server.run_access import find_run
from trainwright.spec.api import ChatAction, RunCreate
from trainwright.spec.errors import ForbiddenError, TrainwrightError
from trainwright.spec.result import Chosen
from trainwright.spec.runspec import RunSpec
from trainwright.spec.status import RunStatus
from trainwright.store.models import Run

_LISTED = 10


def fits(action: Action, run: Run) -> bool:
    """Whether an action can be done to a run as it is."""
    match action:
        case "stop":
            return not run.status.is_terminal or run.status is RunStatus.PAUSED
        case "pause":
            return run.status is RunStatus.RUNNING
        case "resume":
            return run.status.is_resumable
        case "delete":
            return run.status.is_terminal
        case "clone":
            return True


def propose(message: Message, meant: Meant, action: Action) -> Answer:
    """Ask whether it shall be done, or which run is meant."""
    if not message.user.may_write:
        return Answer(action, message.say("viewer"))
    if action == "clone":
        return _propose_clone(message, meant)
    rest, checkpoint = checkpoint_in(meant.text) if action == "resume" else (meant.text, None)
    # a best checkpoint is no best run
    runs = _targets(message, replace(meant, text=rest), action)
    unfit = [run for run in runs if not fits(action, run)]
    if unfit:
        told = [_cannot(message, action, run) for run in unfit]
        return Answer(action, "\n".join(told), runs=[run.id for run in unfit])
    if not runs:
        return Answer(action, message.say(f"none_to_{action}"))
    if len(runs) > 1 and not _several_meant(meant):
        return which(message, action, runs)
    chosen = runs[:MOST_PROPOSED]
    names = ", ".join(f"{run.name} ({run.id})" for run in chosen)
    changes = None if checkpoint is None else {"checkpoint": checkpoint}
    proposed = [
        ChatAction(type=action, label=_label(message, action, r), run_id=r.id, changes=changes)
        for r in chosen
    ]
    question = message.say(f"ask_{action}", runs=names)
    if checkpoint is not None:
        question = message.say("ask_resume_from", runs=names, place=_place(message, checkpoint))
    return _asking(message, action, question, proposed, chosen)


def _place(message: Message, checkpoint: int | str) -> str:
    return message.say("best_checkpoint") if checkpoint == "best" else f"step {checkpoint}"


def _several_meant(meant: Meant) -> bool:
    return meant.refers("all", "except") or len(meant.runs) > 1 or meant.several > 1


def _targets(message: Message, meant: Meant, action: Action) -> list[Run]:
    """The runs an order means; of one's own only, where none is named."""
    left_out = {run.id for run in meant.runs} if meant.refers("except") else set()
    if not left_out and (named := meant.runs or _best(message, meant)):
        return named
    fitting = [
        run
        for run in newest(message, mine=True, statuses=meant.statuses)
        if fits(action, run) and run.id not in left_out
    ]
    if meant.refers("all") or left_out:
        return fitting
    if meant.several:
        return fitting[: meant.several]
    if meant.refers("newest"):
        newest_one = one(message, meant)
        own = newest_one and newest_one.owner_id == message.user.id
        return [newest_one] if newest_one and own else fitting[:1]
    spoken = spoken_of(message)
    if spoken is not None and (meant.refers("it") or fits(action, spoken)):
        return [spoken]
    return fitting


def _best(message: Message, meant: Meant) -> list[Run]:
    """`the best one`, if that is what is meant."""
    if topics.topic(meant.text) != "best":
        return []
    return [run for run_id in best(message, meant).runs[:1] if (run := run_of(message, run_id))]


def _cannot(message: Message, action: Action, run: Run) -> str:
    status = status_words(run.status.value, message.language)
    return message.say(f"cannot_{action}", name=run.name, id=run.id, status=status)


def which(message: Message, action: str, runs: list[Run]) -> Answer:
    """Ask which of these runs is meant."""
    first = runs[:_LISTED]
    return Answer(
        action,
        message.say("which_run"),
        [table_of(message, first)],
        [run.id for run in first],
        choices=[run.id for run in first],
        wanted=action,
    )


def _propose_clone(message: Message, meant: Meant) -> Answer:
    named = meant.runs or _best(message, meant)
    run = named[0] if named else one(message, meant)
    if run is None:
        return Answer("clone", message.say("none_to_clone"))
    return clone_of(message, run, changes_in(meant.text))


def clone_of(message: Message, run: Run, changes: Mapping[str, Any]) -> Answer:
    """Ask whether a copy of a run with changes shall be started."""
    wanted = dict(changes)
    creation.resolve_dataset(message.services, wanted)
    bring_frameworks()
    chosen = {name: Chosen(who) for name, who in run.provenance.items()}
    done = catalog.edit(
        run.spec, chosen, {"name": None, **wanted}, language=message.language, checks=(check_place,)
    )
    action = ChatAction(
        type="clone",
        label=_label(message, "clone", run),
        run_id=run.id,
        changes=wanted,
        spec=done.spec.model_dump(mode="json", exclude_none=True),
    )
    told = ", ".join(f"{name} {setting(value)}" for name, value in wanted.items())
    told = told or message.say("unchanged")
    question = message.say("ask_clone", runs=f"{run.name} ({run.id})", changes=told)
    return _asking(message, "clone", question, [action], [run])


def changes_in(text: str) -> dict[str, Any]:
    """The settings that a message gives, as spec fields."""
    reading = listen(text.replace(MASK, " ")).reading
    fields = spec_fields(reading)
    said = {claim.field for claim in reading.claims if claim.who is Chosen.USER}
    changes = {name: value for name, value in fields.items() if name in said}
    read = parse(f"train, {text.replace(MASK, ' ')}")
    said_of = ("dataset", "model")
    named: dict[str, Any] = {name: read.intent[name] for name in said_of if name in read.intent}
    return {**named, **changes}


def _asking(
    message: Message, topic: str, question: str, proposed: list[ChatAction], runs: list[Run]
) -> Answer:
    return Answer(
        topic,
        question,
        runs=[run.id for run in runs],
        proposed=proposed,
        choices=[message.say("yes"), message.say("no")],
    )


def _label(message: Message, action: str, run: Run) -> str:
    return message.say(f"label_{action}", name=run.name)


def perform(message: Message, proposed: list[ChatAction]) -> Answer:
    """Do what was agreed to, with the rights the person has now."""
    if not message.user.may_write:
        return Answer(proposed[0].type, message.say("viewer"))
    answer, told = Answer(proposed[0].type, ""), []
    for action in proposed:
        try:
            run = _do(message, action)
        except TrainwrightError as error:
            told.append(message.say("not_done", why=error.message))
            continue
        done = "trash" if action.type == "delete" and run.deleted_at else action.type
        told.append(message.say(f"did_{done}", name=run.name, id=run.id))
        answer.done.append(action.model_copy(update={"run_id": run.id}))
        if action.type in ("start_training", "clone", "resume"):
            answer.run_id = run.id
        if action.type == "delete":
            message.memory.trashed = run.id if run.deleted_at else None
        else:
            answer.runs.append(run.id)
    answer.text = "\n".join(told)
    return answer


def _do(message: Message, action: ChatAction) -> Run:
    services, user = message.services, message.user
    if action.type == "start_training":
        return _start(message)
    run = find_run(services, user, action.run_id or "")
    match action.type:
        case "stop":
            return services.runs.stop(run.id)
        case "pause":
            return services.runs.pause(run.id)
        case "resume":
            return services.runs.resume(run.id, (action.changes or {}).get("checkpoint"))
        case "clone":
            return services.runs.clone(run.id, action.changes or {}, owner_id=user.id)
        case "delete":
            services.pool.stop(run.id)
            return services.runs.delete(run.id)
        case "edit":
            raise ForbiddenError("an edit is made at POST /chat/edit")


def _start(message: Message) -> Run:
    """A run of the spec under discussion, with who chose each field and why."""
    last = message.memory.last
    if last is None or last.spec is None:
        raise ForbiddenError("there is no spec to start")
    asked = RunCreate(
        spec=fields_of(last.spec),
        sentence=message.memory.sentence or None,
        provenance={name: who.value for name, who in last.provenance.items()},
        reasons=last.reasons,
    )
    return creation.create_run(message.services, message.user, asked)


def fields_of(spec: RunSpec) -> dict[str, Any]:
    return spec.model_dump(mode="json", exclude_none=True)
