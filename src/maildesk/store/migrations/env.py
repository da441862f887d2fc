"""Run by alembic, with the connection that schema.migrate hands over: its transaction is ours to end."""

from alembic import context

from maildesk.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,  # the caller's transaction holds everything
)
context.run_migrations()
