"""What a rule can ask. A condition's name is its YAML key, its annotation the schema, its docstring the manual."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from maildesk.desk.classification import Match
from maildesk.desk.people import directory
from maildesk.mail.ids import domain_of, fold_address
from maildesk.rules import arguments, circumstances
from maildesk.rules.case import Case, Condition, body, phrase, search, sender_of, yes


def words(case: Case, argument: arguments.Phrases) -> Match | None:
    """One of these words stands in the subject or in the new text.

    Letter case and full width do not matter, and neither do spaces between Chinese characters. A Latin word must stand
    alone: `vpn` is found in "VPN无法连接", not in "vpnx".
    """
    return phrase(case, (case.facts.mail.subject, body(case.facts.mail)), argument)


def subject_words(case: Case, argument: arguments.Phrases) -> Match | None:
    """One of these words stands in the subject."""
    return phrase(case, (case.facts.mail.subject,), argument)


def text_words(case: Case, argument: arguments.Phrases) -> Match | None:
    """One of these words stands in the new text, the subject aside."""
    return phrase(case, (body(case.facts.mail),), argument)


def whole_words(case: Case, argument: arguments.Phrases) -> Match | None:
    """One of these words stands in the subject or anywhere in the text, in what is quoted too."""
    return phrase(case, (case.facts.mail.subject, case.facts.mail.text), argument)


def subject_matches(case: Case, argument: arguments.Regex) -> Match | None:
    """The subject matches. Letter case is ignored unless the expression says `(?-i)`; it is searched for anywhere.

    Named groups fill fields of the ticket: `(?P<asset>PC-[0-9]+)`.
    """
    return search((case.facts.mail.subject,), argument)


def text_matches(case: Case, argument: arguments.Regex) -> Match | None:
    """The new text, without quotes and signature, matches."""
    return search((body(case.facts.mail),), argument)


def matches(case: Case, argument: arguments.Regex) -> Match | None:
    """The subject or the new text matches."""
    return search((case.facts.mail.subject, body(case.facts.mail)), argument)


def whole_matches(case: Case, argument: arguments.Regex) -> Match | None:
    """The subject or any part of the text matches, what is quoted too."""
    return search((case.facts.mail.subject, case.facts.mail.text), argument)


def sender(case: Case, argument: arguments.Addresses) -> Match | None:
    """The mail is from one of these addresses."""
    address = fold_address(sender_of(case.facts.mail))
    return Match(text=address) if address in map(fold_address, argument) else None


def sender_domain(case: Case, argument: arguments.Domains) -> Match | None:
    """The sender's domain is one of these or lies below one of them."""
    domain = domain_of(sender_of(case.facts.mail))
    found = any(domain == wanted or domain.endswith(f".{wanted}") for wanted in argument)
    return Match(text=domain) if found else None


def sender_internal(case: Case, argument: arguments.YesNo) -> Match | None:
    """The sender's domain is one of `desk.domains`."""
    address = sender_of(case.facts.mail)
    return yes(argument, case.policy.is_internal(address), domain_of(address))


def sender_known(case: Case, argument: arguments.YesNo) -> Match | None:
    """The sender wrote before: a ticket was opened for him."""
    return yes(argument, case.facts.known_sender, sender_of(case.facts.mail))


def recipient(case: Case, argument: arguments.Addresses) -> Match | None:
    """The mail is addressed (To or Cc) to one of these addresses: an alias, say."""
    wanted = set(map(fold_address, argument))
    found = (a.address for a in (*case.facts.mail.to, *case.facts.mail.cc) if fold_address(a.address) in wanted)
    return next((Match(text=address) for address in found), None)


def mailbox(case: Case, argument: arguments.Names) -> Match | None:
    """The mail came in by one of these mailboxes (their `name` in maildesk.toml)."""
    return Match(text=case.facts.mailbox) if case.facts.mailbox in argument else None


def header(case: Case, argument: arguments.HeaderRegexes) -> Match | None:
    """Each of these headers stands in the mail and matches."""
    found = [search(case.facts.mail.values(name), pattern) for name, pattern in argument.items()]
    held = [match for match in found if match is not None]
    if len(held) < len(found):
        return None
    fields = {name: value for match in held for name, value in match.fields.items()}
    return Match(text=", ".join(match.text for match in held), fields=fields)


def attachment_name(case: Case, argument: arguments.Globs) -> Match | None:
    """An attachment has such a file name; letter case is ignored."""
    names = (attachment.filename for attachment in case.facts.mail.attachments)
    found = (name for name in names if any(fnmatchcase(name.casefold(), pattern) for pattern in argument))
    return next((Match(text=name) for name in found), None)


def attachment_type(case: Case, argument: arguments.Globs) -> Match | None:
    """An attachment has such a content type: `application/pdf`, `image/*`."""
    types = (attachment.content_type for attachment in case.facts.mail.attachments)
    found = (kind for kind in types if any(fnmatchcase(kind.casefold(), pattern) for pattern in argument))
    return next((Match(text=kind) for kind in found), None)


def has_attachment(case: Case, argument: arguments.YesNo) -> Match | None:
    """The mail carries a file; pictures inside the text do not count."""
    names = [attachment.filename for attachment in case.facts.mail.attachments if not attachment.inline]
    return yes(argument, bool(names), names[0] if names else "")


def attachment_larger_than(case: Case, argument: arguments.Size) -> Match | None:
    """One attachment alone is larger than this."""
    found = (one for one in case.facts.mail.attachments if one.size > argument)
    return next((Match(text=f"{one.filename}, {one.size} bytes") for one in found), None)


def larger_than(case: Case, argument: arguments.Size) -> Match | None:
    """Text and attachments together are larger than this."""
    mail = case.facts.mail
    total = len(mail.text) + sum(attachment.size for attachment in mail.attachments)
    return Match(text=f"{total} bytes") if case.facts.oversize or total > argument else None


def language(case: Case, argument: arguments.Languages) -> Match | None:
    """The mail is written in one of these languages; `zh` is simplified and traditional Chinese."""
    found = case.facts.mail.language
    return Match(text=found) if any(found == wanted or found.startswith(f"{wanted}-") for wanted in argument) else None


def origin(case: Case, argument: arguments.Origins) -> Match | None:
    """Who or what wrote the mail."""
    kind = case.facts.mail.origin.kind
    return Match(text=kind) if kind in argument else None


def authenticated(case: Case, argument: arguments.YesNo) -> Match | None:
    """The relay that `trust.authserv_id` names says that the sender's address is genuine."""
    return yes(argument, case.facts.mail.authentication.result == "pass")


def spam(case: Case, argument: arguments.YesNo) -> Match | None:
    """The relay called the mail spam."""
    return yes(argument, bool(case.facts.mail.spam), case.facts.mail.spam)


def from_staff(case: Case, argument: arguments.YesNo) -> Match | None:
    """The sender's address is that of one of the `people`."""
    person = directory.staff(sender_of(case.facts.mail), case.policy)
    return yes(argument, person is not None, person.key if person else "")


CONDITIONS: Mapping[str, Condition] = {
    condition.__name__: condition
    for condition in (
        words,
        subject_words,
        text_words,
        whole_words,
        subject_matches,
        text_matches,
        matches,
        whole_matches,
        sender,
        sender_domain,
        sender_internal,
        sender_known,
        recipient,
        mailbox,
        header,
        attachment_name,
        attachment_type,
        attachment_larger_than,
        has_attachment,
        larger_than,
        language,
        origin,
        authenticated,
        spam,
        from_staff,
    )
} | circumstances.CONDITIONS
