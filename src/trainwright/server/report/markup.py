"""HTML and SVG as a tree, so that no text of anybody becomes markup."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from trainwright.spec.labels import shown_lines
from trainwright.telemetry.scan import plain

Node = ET.Element
Child = Node | str | None


def tag(name: str, /, *children: Child | Iterable[Child], **attributes: object) -> Node:
    """An element.

    Args:
        name: Of the element.
        *children: Elements and texts, alone or in lists; None is left out.
        **attributes: `class_` is `class`, `stroke_width` is `stroke-width`; None is left out.
    """
    node = ET.Element(name)
    for key, value in attributes.items():
        if value is not None:
            node.set(key.rstrip("_").replace("_", "-"), harmless(str(value)))
    for child in children:
        if child is None or isinstance(child, str | Node):
            _add(node, child)
        else:
            for one in child:
                _add(node, one)
    return node


def style(css: str) -> Node:
    """Our own style sheet, which is written as it is."""
    node = ET.Element("style")
    node.text = css
    return node


def page(root: Node) -> str:
    """The whole as a document."""
    return "<!doctype html>\n" + ET.tostring(root, encoding="unicode", method="html") + "\n"


def harmless(text: str) -> str:
    """A text without what would steer, break or reorder the lines around it."""
    text = plain(text.encode("utf-8", "replace"))
    return shown_lines(text.expandtabs(4).replace("\r\n", "\n"))


def _add(node: Node, child: Child) -> None:
    if child is None:
        return
    if isinstance(child, Node):
        node.append(child)
    elif len(node):
        last = node[-1]
        last.tail = (last.tail or "") + harmless(child)
    else:
        node.text = (node.text or "") + harmless(child)
