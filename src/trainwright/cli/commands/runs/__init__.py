"""`trainwright runs`: one module for looking, one for acting, one for comparing."""

from trainwright.cli.lazy import LazyGroup

_HERE = "trainwright.cli.commands.runs"

runs = LazyGroup(
    "runs",
    help="Runs: list, watch, stop, resume, compare.",
    table={
        "list": (f"{_HERE}.look:list_runs", "List runs, newest first."),
        "show": (f"{_HERE}.look:show", "Everything about one run."),
        "watch": (f"{_HERE}.look:watch", "Follow a run live."),
        "logs": (f"{_HERE}.logs:logs", "What the trainer printed."),
        "files": (f"{_HERE}.files:files", "What it has left, and to save it."),
        "diagnose": (f"{_HERE}.look:diagnose", "What went wrong, and what to do."),
        "health": (f"{_HERE}.health:health", "How it is doing, and why."),
        "resources": (f"{_HERE}.health:resources", "What it used of CPU, memory and GPU."),
        "compare": (f"{_HERE}.compare:compare", "Two or more runs side by side."),
        "edit": (f"{_HERE}.edit:edit", "Name, notes, tags, project."),
        "share": (f"{_HERE}.share:share", "A link for people who have no account."),
        "report": (f"{_HERE}.share:report", "All of it as one HTML file."),
        "stop": (f"{_HERE}.act:stop", "End a run; it saves first."),
        "pause": (f"{_HERE}.act:pause", "Save a checkpoint and free the slot."),
        "resume": (f"{_HERE}.act:resume", "Go on with a paused, failed or stopped run."),
        "clone": (f"{_HERE}.act:clone", "Start the same again, with changes."),
        "delete": (f"{_HERE}.act:delete", "Put runs into the trash, with their files."),
        "restore": (f"{_HERE}.act:restore", "Take runs out of the trash."),
        "keep": (f"{_HERE}.act:keep", "Keep a checkpoint, whatever retention says."),
        "prune": (f"{_HERE}.prune:prune", "Delete many runs that have ended."),
    },
)
