"""What was read from a sentence: claims about fields, gathered before anything is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from trainwright.intent.known import Known, KnownDataset
from trainwright.spec import Chosen, Question

Language = Literal["en", "ko"]


@dataclass(frozen=True)
class Claim:
    """One reading of one field.

    Attributes:
        value: As a spec holds it.
        who: `user` when it was said, `inferred` when it follows from what was said.
        reason: Why, for inferred values.
        corrects: It comes after words such as "no, make that": earlier claims are taken back.
    """

    field: str
    value: Any
    who: Chosen = Chosen.USER
    reason: str | None = None
    corrects: bool = False


@dataclass
class Reading:
    """Claims and questions of one sentence.

    Attributes:
        known: What the person's platform knows by name; None where none was asked.
        unread: Settings that were named, and that no spec has a field for.
    """

    language: Language
    known: Known | None = None
    claims: list[Claim] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def claim(self, name: str, value: Any, **more: Any) -> None:
        self.claims.append(Claim(name, value, **more))

    def of(self, name: str) -> Claim | None:
        """The first claim about a field."""
        return next((claim for claim in self.claims if claim.field == name), None)

    def value(self, name: str) -> Any:
        claim = self.of(name)
        return claim.value if claim else None

    def claim_inferred(self, name: str, value: Any, reason: str) -> None:
        self.claim(name, value, who=Chosen.INFERRED, reason=reason)

    def keep(self, claim: Claim) -> None:
        """Of all claims about the field, keep this one, in the place of the first."""
        at = next(i for i, other in enumerate(self.claims) if other.field == claim.field)
        self.claims[at] = claim
        later = (other for other in self.claims[at + 1 :] if other.field != claim.field)
        self.claims[at + 1 :] = list(later)

    def registered(self, name: str) -> KnownDataset | None:
        """The registered dataset of this name or id."""
        return self.known.find(name) if self.known else None

    def drop(self, name: str) -> None:
        self.claims = [claim for claim in self.claims if claim.field != name]

    def ask(self, name: str, question: str, suggestions: Sequence[str] = ()) -> None:
        """Ask about a field, once, and forget what was read of it."""
        self.drop(name)
        if all(asked.field != name for asked in self.questions):
            asked = Question(field=name, question=question, suggestions=list(suggestions))
            self.questions.append(asked)

    def asked(self, name: str) -> bool:
        return any(question.field == name for question in self.questions)


_ADAPTER = ("r", "alpha", "dropout")


def spec_fields(reading: Reading) -> dict[str, Any]:
    """The claims as a spec takes them: adapter settings folded into `peft`."""
    fields = {claim.field: claim.value for claim in reading.claims}
    adapter = {name: fields.pop(name) for name in _ADAPTER if name in fields}
    if "peft" in fields:
        fields["peft"] = {"method": fields["peft"], **adapter}
    return fields
