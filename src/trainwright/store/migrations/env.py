"""Alembic's environment: migrates the connection that `runner.run` hands over."""

from alembic import context

from trainwright.store.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
