"""What the desk knows: like mails, known solutions, surges and major incidents."""
