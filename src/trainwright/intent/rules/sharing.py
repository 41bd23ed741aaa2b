"""What is said once of several things: `no warmup or weight decay`, `증강과 웜업 둘 다 없이`."""

from __future__ import annotations

import re

from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.vocabulary import alternatives, load

_ENTRIES = load("choices")
_CALLED = alternatives([entry["off"] for entry in _ENTRIES["choice"] if "off" in entry])
_THING = rf"(?<![a-z0-9_가-힣]){_CALLED}(?:ing|s)?(?![a-z])"
_OFF = alternatives(_ENTRIES["use"]["off"])

_NEITHER = Pattern(
    rf"(?:(?P<without>\bwithout(?:\s+any)?|\bneither)|\bno(?:t\s+any)?|\bw/o(?:ut)?)\s+(?P<things>{_THING}"
    rf"(?:\s*,\s*{_THING}){{0,8}}\s*,?\s*(?:(?(without)\band\b|(?!))|\bor\b|\bnor\b|/)\s*(?:any\s+)?{_THING})"
)
"""`no A and B` may wish for B; the others wish for neither."""
_NEITHER_KO = Pattern(
    rf"(?P<things>{_THING}(?:(?:와|과|이랑|랑|이나|나|도|/)\s?{_THING}){{1,8}})(?:은|는|도|을|를)?\s?(?:둘\s?다|모두|전부|다)?\s?(?P<off>{_OFF})"
    rf"|(?P<listed>{_THING}(?:(?:와|과|이랑|랑|이나|나|도|하고|,|/)\s?{_THING}){{1,8}})(?:은|는|도|을|를)?\s?(?:둘\s?다|모두|전부|다)\s?(?P<none>{_OFF})"
)
_ONE = Pattern(_THING)


def apart(text: str) -> str:
    """The (lower-case) text with such a negation beside each of the things it is of."""
    text = _NEITHER.sub(lambda m: _each(m["things"], "no {}"), text)
    return _NEITHER_KO.sub(
        lambda m: _each(m["things"] or m["listed"], f"{{}} {m['off'] or m['none']}"), text
    )


def _each(things: str, said: str) -> str:
    found: list[re.Match[str]] = list(_ONE.finditer(things))
    return ", ".join(said.format(one[0].rstrip()) for one in found)
