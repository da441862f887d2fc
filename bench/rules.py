"""A thousand rules over a 10 KB mail: CPU for one mail, on average and at worst, and the share of the parts."""

import argparse
import time
from datetime import UTC, datetime

from maildesk.desk.model import Facts
from maildesk.desk.policy import Policy
from maildesk.mail.model import Address, Authentication, Mail
from maildesk.rules import engine
from maildesk.rules.load import load
from maildesk.settings import yaml
from show import figures

_RULES, _SIZE, _MAILS = 1_000, 10_000, 200
_LINE = "The printer on floor {0} prints nothing, code E-{0}; 三楼{0}号打印机不出纸, 请看一下。\n"
_KINDS = (
    "words: [设备{0}故障, device {0} broken, 打印机型号{0}]",
    "matches: 'asset[ -]?{0}\\d*(?P<asset>PC-[0-9]+)'",
    "all: [{{words: [报表{0}, report {0}]}}, {{not: {{sender_domain: [dev{0}.example]}}}}]",
    "any: [{{subject_words: [通知{0}]}}, {{text_matches: '代码 ?X{0}\\b'}}]",
)


def measure(chosen: argparse.Namespace) -> None:
    """Print what one mail costs, and stop when that is more than the aim."""
    rules = "".join(
        f"  - {{name: rule-{n}, when: {{{_KINDS[n % len(_KINDS)].format(n)}}}, then: {{tags: [t{n % 7}]}}}}\n"
        for n in range(_RULES)
    )
    policy = Policy(address="it@corp.example", owner="ops@corp.example")
    began = time.process_time()
    policy, compiled, problems = load([yaml.parse(f"rules:\n{rules}", "bench.yaml")], policy)
    loaded = time.process_time() - began
    if problems:
        raise SystemExit(f"the bench's own rules are wrong: {problems[0]}")
    spent = [_one(compiled, policy, number) for number in range(_MAILS)]
    mean, worst = sum(spent) / len(spent), max(spent)
    figures(
        f"{_RULES} rules over a mail of {_SIZE} characters",
        {
            "CPU a mail, on average": f"{mean * 1000:.2f} ms (aim: under 2 ms)",
            "CPU a mail, at worst": f"{worst * 1000:.2f} ms",
            "reading and compiling the rules": f"{loaded:.2f} s",
        },
    )
    if mean >= 0.002:
        raise SystemExit("the rules are slower than 2 ms a mail")


def _one(rules: engine.Rules, policy: Policy, number: int) -> float:
    """CPU seconds for a mail that nobody has seen before, and that a dozen of the rules speak of."""
    lines = "".join(_LINE.format(number * 1_000 + line) for line in range(_SIZE // 60))[: _SIZE - 400]
    hit = "".join(f"设备{4 * (number + n)}故障, report {4 * n + 2}. " for n in range(6))
    text = lines + hit
    mail = Mail(
        subject=f"通知{number} from floor {number}",
        sender=Address(address="ann@corp.example"),
        text=text,
        new_text=text,
        authentication=Authentication(address="ann@corp.example"),
    )
    facts = Facts(mail=mail, inbound=number, mailbox="main", arrived=datetime(2026, 3, 2, tzinfo=UTC))
    began = time.process_time()
    result = engine.classify(facts, rules, policy)
    spent = time.process_time() - began
    if not result.hits:
        raise SystemExit("no rule found its words: this measures nothing")
    return spent
