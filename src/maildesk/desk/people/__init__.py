"""Who is who, who is at work, and to whom a ticket goes."""
