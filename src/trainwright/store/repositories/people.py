"""Users, tokens, projects."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from trainwright.spec.errors import ConflictError, NotFoundError
from trainwright.spec.events import utc_now
from trainwright.store.models import Project, Role, Run, Setting, Token, User
from trainwright.store.repositories.base import Page, Repository
from trainwright.store.repositories.runs import hash_token

_TOUCH_EVERY = timedelta(minutes=1)
_ENDED = "ended_session:"
"""How the keys of a user's settings begin that name a sign-in which was ended."""


class Users(Repository):
    def add(
        self,
        name: str,
        *,
        role: Role = Role.USER,
        email: str | None = None,
        password_hash: str | None = None,
    ) -> User:
        """Add a user.

        Raises:
            ConflictError: The name is taken.
        """
        user = User(name=name, role=role, email=email, password_hash=password_hash)
        self.insert_new(user, _taken("user", name))
        return user

    def get(self, user_id: str) -> User:
        """The user of this id.

        Raises:
            NotFoundError: There is none.
        """
        user = self.session.get(User, user_id)
        if user is None:
            raise NotFoundError(f"there is no user {user_id!r}", mend="trainwright users list")
        return user

    def find(self, name: str) -> User | None:
        return self.session.scalar(select(User).where(User.name == name))

    def list(self) -> Sequence[User]:
        return self.session.scalars(select(User).order_by(User.name)).all()

    def listed(self, limit: int, cursor: str | None = None) -> Page[User]:
        """A page of users, by name."""
        return self.page_of(select(User), (User.name, User.id), limit, cursor)

    def count(self) -> int:
        return self.session.scalar(select(func.count()).select_from(User)) or 0


class Tokens(Repository):
    def create(
        self, user_id: str, name: str, *, expires_at: datetime | None = None
    ) -> tuple[Token, str]:
        """A new token and its text, which is shown once and kept only as a hash."""
        plain = f"tw_{secrets.token_urlsafe(32)}"
        return self.add(user_id, name, plain, expires_at=expires_at), plain

    def add(
        self, user_id: str, name: str, plain: str, *, expires_at: datetime | None = None
    ) -> Token:
        """Let in whoever shows `plain`."""
        token = Token(
            user_id=user_id, name=name, token_hash=hash_token(plain), expires_at=expires_at
        )
        self.session.add(token)
        self.session.flush()
        return token

    def find(self, plain: str) -> tuple[Token, User] | None:
        """The token and its user; `None` when it is unknown, revoked, expired or its user is."""
        query = (
            select(Token, User)
            .join(User, User.id == Token.user_id)
            .where(
                Token.token_hash == hash_token(plain),
                Token.revoked_at.is_(None),
                User.disabled.is_(False),
            )
        )
        row = self.session.execute(query).one_or_none()
        if row is None or (row[0].expires_at and row[0].expires_at <= utc_now()):
            return None
        return row[0], row[1]

    def find_good(self, token_id: str) -> Token | None:
        """The token, if it is neither revoked nor expired."""
        token = self.session.get(Token, token_id)
        if token is None or token.revoked_at is not None:
            return None
        return token if token.expires_at is None or token.expires_at > utc_now() else None

    def touch(self, token: Token) -> None:
        """Note that the token was used, at most once a minute."""
        now = utc_now()
        if token.last_used_at is None or now - token.last_used_at > _TOUCH_EVERY:
            self.session.get_one(Token, token.id).last_used_at = now

    def listed(self, user_id: str, limit: int, cursor: str | None = None) -> Page[Token]:
        """A page of a user's tokens, oldest first."""
        query = select(Token).where(Token.user_id == user_id)
        return self.page_of(query, (Token.created_at, Token.id), limit, cursor)

    def get(self, user_id: str, token_id: str) -> Token:
        """A user's token.

        Raises:
            NotFoundError: They have none of this id.
        """
        token = self.session.get(Token, token_id)
        if token is None or token.user_id != user_id:
            raise NotFoundError(f"there is no token {token_id!r}")
        return token

    def revoke(self, token_id: str) -> None:
        """End a token; it stays listed.

        Raises:
            NotFoundError: There is none of this id.
        """
        token = self.session.get(Token, token_id)
        if token is None:
            raise NotFoundError(f"there is no token {token_id!r}")
        token.revoked_at = token.revoked_at or utc_now()


class Sessions(Repository):
    """Sign-ins that were ended: those that are not here are as good as what was signed for them."""

    def end(self, user_id: str, session_id: str, seconds: float) -> None:
        """End a sign-in.

        Args:
            user_id: Whose it is.
            session_id: The sign-in.
            seconds: The longest life of what was signed for it, after which it is forgotten.
        """
        past = utc_now() - timedelta(seconds=seconds)
        self.session.execute(
            delete(Setting).where(
                Setting.user_id == user_id,
                Setting.key.startswith(_ENDED, autoescape=True),
                Setting.updated_at < past,
            )
        )
        self.session.merge(Setting(key=_ENDED + session_id, user_id=user_id, value=True))

    def has_ended(self, user_id: str, session_id: str) -> bool:
        return self.session.get(Setting, (_ENDED + session_id, user_id)) is not None


class Projects(Repository):
    def add(
        self, name: str, *, description: str | None = None, owner_id: str | None = None
    ) -> Project:
        """Add a project.

        Raises:
            ConflictError: The name is taken.
        """
        project = Project(name=name, description=description, owner_id=owner_id)
        self.insert_new(project, _taken("project", name))
        return project

    def get(self, project_id: str) -> Project:
        """The project of this id.

        Raises:
            NotFoundError: There is none.
        """
        project = self.session.get(Project, project_id)
        if project is None:
            raise NotFoundError(
                f"there is no project {project_id!r}",
                field="project_id",
                mend="trainwright projects list",
            )
        return project

    def find(self, name: str) -> Project | None:
        return self.session.scalar(select(Project).where(Project.name == name))

    def named(self, ref: str) -> Project:
        """The project of this name or id.

        Raises:
            NotFoundError: There is none.
        """
        return self.find(ref) or self.get(ref)

    def change(self, project_id: str, *, name: str | None, description: str | None) -> Project:
        """Give it another name or description; `None` leaves what is there.

        Raises:
            NotFoundError: There is no such project.
            ConflictError: Another one has the name.
        """
        project = self.get(project_id)
        if name is not None and name != project.name:
            if self.find(name) is not None:
                raise _taken("project", name)
            project.name = name
        if description is not None:
            project.description = description
        self.session.flush()
        return project

    def count_runs(self, owner_id: str | None = None) -> dict[str, int]:
        """Runs by project, those in the trash left out; of one owner, or of all."""
        query = select(Run.project_id, func.count()).where(
            Run.project_id.is_not(None), Run.deleted_at.is_(None)
        )
        if owner_id is not None:
            query = query.where(Run.owner_id == owner_id)
        rows = self.session.execute(query.group_by(Run.project_id))
        return {str(project_id): count for project_id, count in rows}

    def listed(self, limit: int, cursor: str | None = None) -> Page[Project]:
        """A page of projects, by name; archived ones are left out."""
        query = select(Project).where(Project.archived.is_(False))
        return self.page_of(query, (Project.name, Project.id), limit, cursor)

    def delete(self, project_id: str) -> None:
        """Remove a project; its runs and datasets stay, without one."""
        self.session.delete(self.get(project_id))
        self.session.flush()


def _taken(kind: str, name: str) -> ConflictError:
    return ConflictError(
        f"there is a {kind} {name!r} already", field="name", expected="another name"
    )
