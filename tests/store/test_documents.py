"""Any value that JSON can hold comes back, in a form both databases accept."""

import json
import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from trainwright.store.documents import Raw, dumps

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def refuse(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def kept(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    if isinstance(value, str):
        return value.replace("\0", "�")
    if isinstance(value, list):
        return [kept(v) for v in value]
    if isinstance(value, dict):
        return {kept(k): kept(v) for k, v in value.items()}
    return value


@given(value=VALUES)
def test_values_come_back(value: Any) -> None:
    text = dumps(value)
    assert json.loads(text, parse_constant=refuse) == kept(value)
    assert "\\u0000" not in text.replace("\\\\", "")
    text.encode()


@given(value=VALUES)
def test_ready_json_is_left_alone_but_for_nul(value: Any) -> None:
    ready = dumps(value)
    assert dumps(Raw(ready)) == ready
    assert dumps(Raw('{"a": "\\u0000\\\\u0000"}')) == '{"a": "�\\\\u0000"}'
