"""What requesters say besides their matter: missing facts, wishes, solved or not, scores; and who speaks for them."""
