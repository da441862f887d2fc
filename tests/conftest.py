"""What every test may ask for."""

pytest_plugins = ["fixtures.dovecot", "fixtures.postgres", "fixtures.relay", "fixtures.stage"]
