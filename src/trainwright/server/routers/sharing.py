"""Links to a run, made and revoked by those who may change it."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request

from trainwright.server.auth import Writer
from trainwright.server.run_access import OwnRun
from trainwright.server.services import Platform, Services
from trainwright.spec.api import Page
from trainwright.spec.api.sharing import Revoked, ShareCreate, ShareView
from trainwright.spec.events import utc_now
from trainwright.store.models import Share
from trainwright.store.repositories import Shares

router = APIRouter(tags=["sharing"])


@router.post("/{run_id}/share", status_code=201)
def share(
    *,
    run: OwnRun,
    user: Writer,
    request: Request,
    services: Platform,
    body: ShareCreate | None = None,
) -> ShareView:
    """A link by which everybody who has it sees this run, and nothing else, until it ends."""
    asked = body or ShareCreate()
    with services.database.session() as session:
        made = Shares(session).add(
            run.id,
            user.id,
            expires_at=utc_now() + timedelta(seconds=asked.expires_in),
            with_log=asked.with_log,
        )
    return _view(services, request, made)


@router.get("/{run_id}/share")
def shares(run: OwnRun, request: Request, services: Platform) -> Page[ShareView]:
    """The links that are good, the newest first."""
    with services.database.session(write=False) as session:
        found = Shares(session).list(run.id)
    return Page(items=[_view(services, request, one) for one in found], total=len(found))


@router.delete("/{run_id}/share")
def revoke_all(run: OwnRun, services: Platform) -> Revoked:
    """End all links to the run, at once."""
    with services.database.session() as session:
        return Revoked(revoked=Shares(session).revoke_all(run.id))


@router.delete("/{run_id}/share/{share_id}", status_code=204)
def revoke(share_id: str, run: OwnRun, services: Platform) -> None:
    """End a link to the run, at once."""
    with services.database.session() as session:
        Shares(session).revoke(run.id, share_id)


def _view(services: Services, request: Request, share: Share) -> ShareView:
    token = services.share_links.token(share.id)
    path = f"/share/{token}"
    return ShareView(
        id=share.id,
        run_id=share.run_id,
        token=token,
        path=path,
        # the Host header is one we answer to, or the request would not be here
        url=f"{str(request.base_url).rstrip('/')}{path}",
        with_log=share.with_log,
        created_at=share.created_at,
        expires_at=share.expires_at,
    )
