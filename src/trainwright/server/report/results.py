"""What was measured: key results, curves, metrics, scores by class, confusion."""

from __future__ import annotations

import math
from collections.abc import Sequence

from trainwright.server.report.charts import Line, bar, line_chart, matrix_chart
from trainwright.server.report.facts import Facts, best_of, headlines
from trainwright.server.report.markup import Node, tag
from trainwright.server.report.numbers import metric, share
from trainwright.server.report.wording import Say
from trainwright.spec.metrics import better_is
from trainwright.spec.result import Confusion, MetricSummary
from trainwright.store.repositories import Point

_HEADLINES = 4
_MOST_CHARTS = 24
_MOST_CLASSES = 60
_MOST_DRAWN_CLASSES = 60
_MOST_CONFUSIONS = 20
_HUES = 6
_SPLITS = ("train", "val", "test")


def key_results(facts: Facts, say: Say) -> Node | None:
    """How good it is, at a glance."""
    cards = []
    for name in headlines(facts.curves, _HEADLINES):
        points = facts.curves[name]
        best = best_of(name, points)
        value = points[-1].last if points else math.nan
        cards.append(
            tag(
                "li",
                tag("span", name),
                tag("b", metric(value)),
                tag("small", _best(name, best, say)) if best else None,
                class_="card",
            )
        )
    if not cards:
        return None
    return _section(say("say", "results"), tag("ul", cards, class_="stats"))


def curves(facts: Facts, say: Say) -> Node | None:
    """Charts, train and validation of one metric in one."""
    charts: dict[str, list[str]] = {}
    for name in facts.curves:
        charts.setdefault(_stem(name), []).append(name)
    order = sorted(charts, key=lambda stem: (stem != "loss", better_is(stem) is None, stem))
    drawn = [
        _figure(stem, sorted(charts[stem], key=_split_place), facts, say)
        for stem in order[:_MOST_CHARTS]
    ]
    if not drawn:
        return None
    rest = len(order) - len(drawn)
    more = tag("p", say("say", "more_curves", count=rest), class_="note") if rest else None
    return _section(say("say", "curves"), more, tag("div", drawn, class_="grid"))


def measures(facts: Facts, say: Say) -> Node | None:
    """Final and best values of a result."""
    found = facts.result.metrics
    if not found:
        return None
    heads = [say("say", key) for key in ("metric", "final", "best_value", "step")]
    in_order = sorted(found, key=lambda name: (_split_place(name), name))
    rows = [_measure(name, found[name]) for name in in_order]
    return _section(say("say", "metrics"), table(heads, rows, ends=3))


def _measure(name: str, found: MetricSummary) -> Node:
    # of a learning rate no value is the best
    best, step = (found.best, found.best_step) if better_is(name) else (None, None)
    return tag(
        "tr",
        tag("th", name, scope="row", class_="mono"),
        _number(metric(found.final)),
        _number("–" if best is None else metric(best)),
        _number("–" if step is None else f"{step:,}"),
    )


def classes(facts: Facts, say: Say) -> Node | None:
    """Scores by class, and what is taken for what."""
    parts = [_confusion(facts.result.confusion, say), _scores(facts, say)]
    known = [part for part in parts if part is not None]
    return (
        tag("section", tag("div", known, class_="wide" if len(known) > 1 else None))
        if known
        else None
    )


def table(heads: Sequence[str], rows: Sequence[Node], *, ends: int) -> Node:
    """A table whose last columns, `ends` of them, are numbers."""
    first = len(heads) - ends
    names = [
        tag("th", name, scope="col", class_="end" if place >= first else None)
        for place, name in enumerate(heads)
    ]
    whole = tag("table", tag("thead", tag("tr", names)), tag("tbody", rows))
    return tag("div", whole, class_="scroll")


def _figure(stem: str, names: Sequence[str], facts: Facts, say: Say) -> Node:
    lines, keys = [], []
    for place, name in enumerate(names):
        split = name.partition("/")[0]
        hue = (_SPLITS.index(split) if split in _SPLITS else place) % _HUES + 1
        lines.append(_line(hue, name, facts.curves[name]))
        keys.append(tag("span", tag("i", class_=f"s{hue}"), split if len(names) > 1 else name))
    told = "; ".join(
        say("say", "curve", name=name, first=metric(points[0].first), last=metric(points[-1].last))
        for name in names
        if (points := facts.curves[name])
    )
    caption = tag("figcaption", tag("h3", stem), tag("span", keys, class_="legend"))
    return tag("figure", caption, line_chart(lines, told), class_="card")


def _line(hue: int, name: str, points: Sequence[Point]) -> Line:
    places = [
        (float(place if point.step is None else point.step), point.value, *_extremes(point))
        for place, point in enumerate(points)
    ]
    best = best_of(name, points)
    where = None
    if best is not None and len(points) > 1:
        place = points.index(best)
        where = (places[place][0], best.value)
    return Line(hue, places, where)


def _extremes(point: Point) -> tuple[float, float]:
    if point.count == 1:
        return point.value, point.value
    return point.minimum, point.maximum


def _best(name: str, best: Point, say: Say) -> str:
    value = metric(best.minimum if better_is(name) == "smaller" else best.maximum)
    if best.step is None or best.count > 1:
        return say("say", "best", value=value)
    return say("say", "best_at", value=value, step=f"{best.step:,}")


def _scores(facts: Facts, say: Say) -> Node | None:
    found = facts.result.per_class
    if not found:
        return None
    heads = [say("say", key) for key in ("class", "precision", "recall", "f1", "samples")]
    worst = sorted(found, key=lambda one: one.f1)[:_MOST_CLASSES]
    rows = [
        tag(
            "tr",
            tag("th", one.name, scope="row"),
            _number(share(one.precision)),
            _number(share(one.recall)),
            tag("td", bar(one.f1), share(one.f1), class_="num end"),
            _number(f"{one.support:,}"),
        )
        for one in worst
    ]
    cut = len(found) > len(worst)
    note = say("say", "worst_classes", count=len(worst), total=len(found)) if cut else None
    return tag(
        "div",
        tag("h2", say("say", "classes")),
        tag("p", note, class_="note") if note else None,
        table(heads, rows, ends=4),
        class_="card",
    )


def _confusion(confusion: Confusion | None, say: Say) -> Node | None:
    if confusion is None or not confusion.labels:
        return None
    if len(confusion.labels) > _MOST_DRAWN_CLASSES:
        return _confusions(confusion, say)
    title = say("say", "confusion")
    return tag(
        "div",
        tag("h2", title),
        tag("p", say("say", "confusion_text"), class_="note"),
        tag("div", matrix_chart(confusion.labels, confusion.matrix, title), class_="scroll"),
        class_="card",
    )


def _confusions(confusion: Confusion, say: Say) -> Node | None:
    """Of many classes, those that are taken for each other most."""
    labels = confusion.labels
    pairs = [
        (count, labels[row], labels[column])
        for row, counts in enumerate(confusion.matrix)
        for column, count in enumerate(counts)
        if count and row != column
    ]
    rows = [
        tag("tr", tag("th", true, scope="row"), tag("td", taken), _number(f"{count:,}"))
        for count, true, taken in sorted(pairs, key=lambda pair: -pair[0])[:_MOST_CONFUSIONS]
    ]
    if not rows:
        return None
    heads = [say("say", key) for key in ("true", "predicted", "samples")]
    return tag(
        "div", tag("h2", say("say", "confusions")), table(heads, rows, ends=1), class_="card"
    )


def _section(title: str, *parts: Node | None) -> Node:
    return tag("section", tag("h2", title), parts)


def _number(text: str) -> Node:
    return tag("td", text, class_="num end")


def _stem(name: str) -> str:
    split, _, rest = name.partition("/")
    return rest if split in _SPLITS and rest else name


def _split_place(name: str) -> int:
    split = name.partition("/")[0]
    return _SPLITS.index(split) if split in _SPLITS else len(_SPLITS)
