"""What a spool already says: an agent that starts again must not say it twice."""

from __future__ import annotations

from dataclasses import dataclass, field

from trainwright.job.spool import Line

Stamp = tuple[int, int]
"""Size in bytes and time of last change (ns) of a checkpoint when it was announced."""


@dataclass
class History:
    """Gathered line by line; what belongs to one attempt starts empty in each.

    Attributes:
        checkpoints: Announced checkpoints of all attempts by path.
        latest: Last value of each metric of the attempt.
        alerts: Codes of the attempt's alerts, in order.
        ended: The attempt's last word, `training_complete` or `training_error`, is spooled.
        noted: The attempt's vitals have said what they cannot see.
    """

    attempt: int = 0
    checkpoints: dict[str, Stamp] = field(default_factory=dict)
    latest: dict[str, float] = field(default_factory=dict)
    alerts: list[str] = field(default_factory=list)
    ended: bool = False
    noted: bool = False

    @property
    def stalled(self) -> bool:
        """Whether the last that was said of a stall is its beginning."""
        stalls = [code for code in self.alerts if code in ("stall", "stall_over")]
        return stalls[-1:] == ["stall"]

    def begin(self, attempt: int) -> None:
        """Forget what only an earlier attempt said."""
        if attempt != self.attempt:
            self.attempt = attempt
            self.latest, self.alerts = {}, []
            self.ended = self.noted = False

    def visit(self, line: Line) -> None:
        """Take in one line of the spool."""
        self.begin(line["attempt"])
        data = line["data"]
        match line["type"]:
            case "metrics":
                self.latest.update({p["name"]: float(p["value"]) for p in data["points"]})
            case "checkpoint_saved":
                size, changed = line["cursor"].get("stamp", (data["size"], 0))
                self.checkpoints[data["path"]] = (size, changed)
            case "alert":
                self.alerts.append(data["code"])
            case "vitals":
                self.noted = True
            case "training_complete" | "training_error":
                self.ended = True
