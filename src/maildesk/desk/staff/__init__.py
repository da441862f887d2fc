"""What staff order and ask by mail: the table of commands, how a mail of them is read, done, answered and undone."""
