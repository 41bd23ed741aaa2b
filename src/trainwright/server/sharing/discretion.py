"""What is said of a run to people who are not its owner: no paths of a disk, no secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from trainwright.logs import mask
from trainwright.spec.result import RunError
from trainwright.store.models import Run

HIDDEN = "•••"

_SECRET_NAME = re.compile(
    r"(?i)(^|[_.-])(token|secret|password|passwd|passphrase|credentials?|"
    r"(api|access|private|secret)[_-]?key|auth|authorization|cookie)s?$"
)
_ENVIRONMENT = re.compile(r"(?i)env(s|ironment)?([_-]?(vars?|variables|names))?")
_START = r"(?:file://|~[\w.-]*)?/(?!/)|[A-Za-z]:[\\/]|\\\\"
_PATH = re.compile(rf"(?:{_START}|\.{{1,2}}[\\/])")
_SCRIPT = "script/"
_SHORTEST = 4
"""Of places that are looked for in texts: a shorter one may stand in any."""

# one in quotes may hold spaces; any other ends at what ends a word or a clause
_QUOTED = re.compile(rf"(?P<quote>['\"`])(?P<path>(?:{_START})[^'\"`\n]+)(?P=quote)")
_BARE = re.compile(rf"(?<![\w./\\~…-])(?P<path>(?:{_START})[^\s'\"`<>|,;()\[\]{{}}]+)")


class Discretion:
    """Takes out of a run's words and values what is nobody's business.

    Args:
        run: The run; places that its settings name are known in every text, also those with
            spaces in them.
        home: Another such place.
    """

    def __init__(self, run: Run, home: Path) -> None:
        named = {place for text in _strings(run.spec) if (place := _place_in(text))}
        known = sorted(named | {str(home)}, key=len, reverse=True)
        self._places = [place for place in known if len(place) >= _SHORTEST]

    def text(self, words: str) -> str:
        """Words of anybody, such as an error's."""
        for place in self._places:
            words = words.replace(place, _short(place))
        words = _QUOTED.sub(lambda m: f"{m['quote']}{_short(m['path'])}{m['quote']}", words)
        return mask(_BARE.sub(lambda m: _short(m["path"]), words))

    def value(self, value: Any) -> Any:
        """A value of a spec, with all that is in it."""
        if isinstance(value, str):
            return self._string(value)
        if isinstance(value, Mapping):
            return {
                name: HIDDEN if _is_secret(str(name), one) else self.value(one)
                for name, one in value.items()
                if not _ENVIRONMENT.fullmatch(str(name))
            }
        if isinstance(value, list | tuple):
            return [self.value(one) for one in value]
        return value

    def error(self, error: Mapping[str, Any] | None, *, with_log: bool) -> RunError | None:
        """Why the run failed."""
        if error is None:
            return None
        known = RunError.model_validate(error)
        return known.model_copy(
            update={
                "message": self.text(known.message),
                "hint": self.text(known.hint) if known.hint else None,
                "log_tail": known.log_tail if with_log else [],
                "faults": [
                    fault.model_copy(
                        update={
                            "message": self.text(fault.message),
                            "expected": self.text(fault.expected) if fault.expected else None,
                            "suggestions": [self.text(one) for one in fault.suggestions],
                            "mend": None,
                        }
                    )
                    for fault in known.faults
                ],
            }
        )

    def _string(self, value: str) -> str:
        if place := _place_in(value):
            return value.replace(place, _short(place))
        return self.text(value)


def _is_secret(name: str, value: Any) -> bool:
    # a count of tokens is none
    is_count = name.lower().endswith("tokens") and isinstance(value, int | float)
    return _SECRET_NAME.search(name) is not None and not is_count


def _place_in(value: str) -> str | None:
    """The path that a value is, or that it names a script by."""
    place = value.removeprefix(_SCRIPT)
    is_path = _PATH.match(place) or place != value
    return place if is_path and place else None


def _short(path: str) -> str:
    *folders, name = re.split(r"[\\/]", path.rstrip("\\/"))
    return f"…/{name}" if folders else name or "…"


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _strings(one)
