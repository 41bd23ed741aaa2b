"""Replies of a conversation, and the list of conversations."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from trainwright.api.panel.words import age
from trainwright.cli.program import runnable
from trainwright.cli.views.parsed import question_view
from trainwright.cli.views.spec import spec_table
from trainwright.spec.api import ChatReply, ChatSession, ChatTable


def reply_view(reply: ChatReply, width: int) -> RenderableType:
    """The words, then the spec or the tables, then what may be answered."""
    asked = {question.question for question in reply.questions}
    lines = [line for line in (reply.reply or "").splitlines() if line not in asked]
    parts: list[RenderableType] = []
    if reply.spec is not None:
        parts += [spec_table(reply.spec, reply.provenance, reply.reasons, width), Text()]
    parts.append(Text(runnable("\n".join(lines))))
    if reply.reader_note:
        parts.append(Text(reply.reader_note, style="dim"))
    for table in reply.tables:
        parts += [Text(), _table(table)]
    for question in reply.questions:
        parts += [Text(), question_view(question)]
    if reply.suggestions and not reply.tables:
        offered = "   ".join(f"{i}. {words}" for i, words in enumerate(reply.suggestions, 1))
        parts.append(Text(f"  {offered}", style="dim"))
    return Group(*parts)


def _table(table: ChatTable) -> Table:
    out = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    out.title, out.title_style, out.title_justify = table.title, "bold", "left"
    for name in table.columns:
        out.add_column(Text(name), overflow="fold")
    for row in table.rows:
        out.add_row(*map(Text, row))
    return out


def sessions_table(sessions: Sequence[ChatSession]) -> Table:
    out = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("conversation", "began with", "last used"):
        out.add_column(name)
    for session in sessions:
        used = age(session.updated_at or session.created_at)
        out.add_row(Text(session.id), Text(session.title or "–"), Text(used, style="dim"))
    return out
