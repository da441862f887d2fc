"""The maildesk.toml that `maildesk init` writes."""

FIRST = """\
# maildesk: an IT service desk that lives in a mailbox.
# These nine keys make a first desk. Lines behind a # show the defaults; docs/configuration.md explains every key.
# After each change: maildesk check

[desk]
name = "IT Service Desk"
address = "it@corp.example"    # 服务台邮箱: people write here, and the desk answers from here
owner = "ops@corp.example"     # 负责人: hears of quarantine, dead mail and alarms; not the desk's own address
# aliases = []                 # other addresses of the desk
# domains = ["corp.example"]   # your own domains; the default is that of the address
# language = "en"              # or "zh": for readers whose language is not known
# timezone = "UTC"             # such as "Asia/Shanghai"
# reference = "MD"             # [MD-1042]; choose it before the first ticket
# state = "state"              # database, lock, key
# trust_reply_to = []          # domains of contact forms whose Reply-To is answered
# reopen_days = 14
# close_days = 5
# attach_mb = 10               # files of one mail, in MB; a mail names those that are left out
# remember_days = 365          # a sender whom the staff marked by #spam or #ham
# show_addresses = true        # the staff read requesters' addresses; nobody outside reads theirs

[[mailbox]]
host = "imap.corp.example"
user = "it@corp.example"
secret_file = "secrets/imap"   # mode 0600, the password alone; or secret_env, oauth, token_command
# name = "main"
# tls = "implicit"             # or "starttls"; "none" for this machine only
# folder = "INBOX"
# start_from = "now"           # or "all", or a date: mail that was there before
# done = "keyword"             # or "move:Processed", or "nothing"
# poll = "60s"
# idle = true

[relay]
host = "smtp.corp.example"
user = "it@corp.example"
secret_file = "secrets/smtp"
# tls = "starttls"             # or "implicit"; "none" for this machine only
# connections = 4

# [store]
# url = "postgresql://maildesk@db.corp.example/maildesk"   # the default is SQLite in the state folder
# secret_file = "secrets/store"                            # the password of PostgreSQL

# [trust]
# authserv_id = "mx.corp.example"   # what your mail server writes at the front of Authentication-Results

# [budget]                     # mails, so that no loop and no flood becomes ours
# per_ticket = 1
# per_address_hour = 3
# per_address_day = 6
# unverified_hour = 60
# thread_hour = 30             # automatic mails to one person about one ticket
# rule_hour = 300              # tickets of one rule that are told of
# total_hour = 5000            # of any kind; then the outbox is parked
# mute_days = 14               # after a mail came back

# [health]
# port = 9321                  # metrics for Prometheus on 127.0.0.1; the default 0 is none
"""
