"""`make demo`: a day in the life of a desk, on loopback, in under a minute.

Everything is real: the Maildir, the database, the relay, the mails. Only the clock is ours: it steps from a Monday
morning, so that a deadline can be missed while you watch. `--keep` stays up in real time instead.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text

from maildesk import cli, settings
from office import DESK, Letter, Office

HOME = Path("demo-desk")
MONDAY = datetime(2026, 11, 9, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
CONFIG = """\
# The demo's desk: a Maildir in, a relay on this machine out, everything else as `maildesk init` wrote it.
[desk]
name = "IT Service Desk"
address = "it@corp.example"
owner = "ops@corp.example"
timezone = "Asia/Shanghai"

[[mailbox]]
kind = "maildir"
path = "inbox"
start_from = "all"
poll = "1s"

[relay]
host = "127.0.0.1"
port = {port}
tls = "none"
"""
out = Console(highlight=False)
WANG = "王芳 <wangfang@corp.example>"
SARAH = "Sarah Miller <sarah.miller@corp.example>"
LI = "李雷 <li@corp.example>"
NETWORK = "王强 <wang@corp.example>"


class Day:
    """One desk and its clock."""

    def __init__(self) -> None:
        shutil.rmtree(HOME, ignore_errors=True)
        settings.init(HOME)
        self.now = MONDAY
        self.office = Office(HOME / "inbox", HOME / "mails", show)
        (HOME / "maildesk.toml").write_text(CONFIG.format(port=self.office.port), encoding="utf-8")
        self.office.start()

    def run(self, *words: str) -> None:
        """A maildesk command, as an operator would type it."""
        code = cli.invoke(["--config", str(HOME / "maildesk.toml"), *words])
        if code:
            sys.exit(f"maildesk {' '.join(words)} ended with {code}")

    def scene(self, text: str, **later: float) -> None:
        """Time passes."""
        self.now += timedelta(**later)
        out.print()
        line(Text(f" {self.now:%a %H:%M} ", style="bold white on blue") + Text(f" {text}", style="bold"))

    def writes(self, sender: str, subject: str, body: str, answers: Letter | None = None) -> None:
        """Somebody writes to the desk."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, DESK, subject
        message["Date"] = self.now
        message["Message-ID"] = f"<{self.now.timestamp():.0f}.{abs(hash(body))}@client.example>"
        if answers is not None:
            message.replace_header("Subject", f"Re: {answers.mail.subject.removeprefix('Re: ')}")
            message["In-Reply-To"] = f"<{answers.mail.message_id}>"
            message["References"] = f"<{answers.mail.message_id}>"
            quoted = "\n".join(f"> {words}" for words in answers.mail.plain.strip().splitlines()[:6])
            body = f"{body}\n\n{quoted}"
        message.set_content(body, charset="utf-8")
        line(Text(f"  {sender.partition(' <')[0]} writes: ", style="cyan") + Text(str(message["Subject"])))
        for words in filter(str.strip, body.split("\n\n>")[0].splitlines()):
            line(Text(f"      {words}", style="dim"))
        self.office.deliver(message.as_bytes(), self.now.timestamp())

    def desk_works(self) -> None:
        """`maildesk once`, at the day's time."""
        self.run("once", "--now", self.now.isoformat())


def show(letter: Letter) -> None:
    """A mail as it arrives: to whom, its subject, its file and its first words; a line each."""
    words = next((line for line in letter.mail.plain.splitlines() if line.strip()), "")
    line(Text("  mail to ", style="green") + Text(letter.to, style="bold green") + Text(f"  {letter.mail.subject}"))
    line(Text(f"      {letter.file.name}: {words}", style="dim"))


def line(text: Text) -> None:
    """One line, cut at the edge of the terminal."""
    out.print(text, no_wrap=True, overflow="ellipsis", crop=True)


def a_day(day: Day) -> None:
    """What happens."""
    office = day.office
    day.scene("A printer fails.")
    day.writes(WANG, "三楼打印机卡纸了", "您好，三楼东侧的打印机一直卡纸，重启过还是不行，请帮忙看看。\n\n王芳")
    day.desk_works()

    day.scene("An engineer takes it with one word, and answers.", minutes=6)
    day.writes(LI, "", "#接单\n\n您好，我十分钟后到，请先不要关机。", office.latest("li@corp.example", 1001))
    day.desk_works()

    day.scene("The whole office is without network: the words make it P1.", minutes=14)
    day.writes(
        SARAH,
        "Network down in the whole office",
        "Hi,\n\nnobody in the whole office can reach anything since 9:15. Urgent!\n\nSarah",
    )
    day.desk_works()

    day.scene("Half of the response time is gone: the engineer is warned.", minutes=8)
    day.desk_works()
    day.scene("The response target is missed: the manager hears of it.", minutes=8)
    day.desk_works()

    day.scene("The engineer answers by plain reply: the response clock stops.", minutes=3)
    day.writes(
        NETWORK,
        "",
        "Hello Sarah, a switch on your floor lost power. I am replacing it now.",
        office.latest("wang@corp.example", 1002),
    )
    day.desk_works()

    day.scene("The requester replies; the engineer gets it.", minutes=11)
    day.writes(
        SARAH,
        "",
        "Thanks for the quick help. Half of us are back online.",
        office.latest("sarah.miller@corp.example", 1002),
    )
    day.writes(WANG, "", "好像又卡住了，红灯在闪。", office.latest("wangfang@corp.example", 1001))
    day.desk_works()

    day.scene("Both are resolved, with the solution in the mail.", minutes=40)
    day.writes(
        NETWORK, "", "#resolve Switch replaced, all ports are up again.", office.latest("wang@corp.example", 1002)
    )
    day.writes(LI, "", "#解决 更换了搓纸轮，连续打印 50 页正常。", office.latest("li@corp.example", 1001))
    day.desk_works()

    day.scene("The requester confirms with one word.", minutes=20)
    day.writes(SARAH, "", "Solved", office.latest("sarah.miller@corp.example", 1002))
    day.writes(WANG, "", "已解决，谢谢！", office.latest("wangfang@corp.example", 1001))
    day.desk_works()


def the_end(day: Day) -> None:
    """What is left of the day: the tickets and why they are as they are."""
    out.rule("The tickets")
    day.run("ticket", "list", "--all")
    for number in ("1001", "1002"):
        out.rule(f"maildesk ticket explain {number}")
        day.run("ticket", "explain", number)
    out.rule()
    out.print(
        f"{len(day.office.letters)} mails lie in {HOME}/mails: open an .html in a browser, an .eml in a mail client."
    )
    out.print(f"The desk is in {HOME}: its rules, templates and configuration are yours to read.")
    out.print("`make demo KEEP=1` stays up, so that you can write to it yourself.")


def keep(day: Day) -> None:
    """The daemon in real time, until Ctrl-C."""
    config = str(HOME / "maildesk.toml")
    with Path(HOME / "log").open("w") as log:
        daemon = subprocess.Popen([sys.executable, "-m", "maildesk", "--config", config, "run"], stderr=log)
        out.print(f"The desk is running (its log: {HOME}/log). Write to it, as a requester of your own company:\n")
        out.print(
            f"  swaks --server 127.0.0.1:{day.office.port} --from wangfang@corp.example --to {DESK} \\\n"
            '        --header "Subject: 打印机坏了" --body "三楼的打印机一直卡纸"\n',
            soft_wrap=True,
        )
        out.print(f"or from any mail client with the SMTP server 127.0.0.1:{day.office.port}, no password, no TLS.")
        out.print(f"What the desk sends appears here and in {HOME}/mails. Ctrl-C ends it.\n")
        stop = threading.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: stop.set())
        while not stop.wait(0.5) and daemon.poll() is None:
            pass
        daemon.terminate()
        daemon.wait(15)


def main() -> None:
    """The demo."""
    os.environ.pop("MAILDESK_CONFIG", None)
    day = Day()
    try:
        if "--keep" in sys.argv:
            keep(day)
        else:
            a_day(day)
            the_end(day)
    finally:
        day.office.stop()


if __name__ == "__main__":
    main()
