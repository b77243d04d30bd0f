"""Handles on social platforms: bare, with @, or as the address of the profile."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from samtykke.normalise.text import Normalised, accept, clean, deceptive, has_control, has_space, refuse

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = rf"(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?"


@dataclass(frozen=True)
class Rule:
    """What one platform allows as a handle and how its profile addresses look.

    Attributes:
        pattern: The whole handle, in lower case.
        hosts: Domains of profile addresses (subdomains included).
        folders: Path words that stand before the handle.
        reserved: Path words that are no profile.
        exact: Pattern of ids whose case counts; tried before ``pattern``.
    """

    pattern: re.Pattern[str]
    hosts: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    reserved: frozenset[str] = frozenset()
    exact: re.Pattern[str] | None = field(default=None)


def _rule(pattern: str, hosts: str = "", folders: str = "", reserved: str = "", exact: str | None = None) -> Rule:
    compiled = re.compile(exact) if exact else None
    return Rule(
        re.compile(pattern),
        tuple(hosts.split()),
        tuple(folders.split()),
        frozenset(reserved.split()),
        compiled,
    )


# Rules as the platforms' help pages state them; where they are silent, as their sign-up forms accept.
PLATFORMS: dict[str, Rule] = {
    "instagram": _rule(
        r"(?!\.)(?!.*\.\.)[a-z0-9_.]{1,30}(?<!\.)",
        "instagram.com instagr.am",
        "stories",
        "p reel reels explore tv accounts direct about",
    ),
    "threads": _rule(r"(?!\.)(?!.*\.\.)[a-z0-9_.]{1,30}(?<!\.)", "threads.net threads.com", "", "search login"),
    "facebook": _rule(
        r"(?!\.)(?!.*\.\.)(?=.*[a-z0-9])[a-z0-9.]{5,50}(?<!\.)",
        "facebook.com fb.com fb.me",
        "people pg",
        "groups events pages watch marketplace share sharer.php login photo photo.php hashtag story.php",
    ),
    "x": _rule(
        r"[a-z0-9_]{1,15}",
        "x.com twitter.com",
        "",
        "i home search hashtag intent share explore settings notifications messages login signup tos privacy",
    ),
    "tiktok": _rule(r"[a-z0-9_.]{2,24}(?<!\.)", "tiktok.com", "", "tag music discover foryou video"),
    "linkedin": _rule(
        r"(?:[^\W_]|-){3,100}",
        "linkedin.com",
        "in pub",
        "company school showcase feed jobs groups posts pulse",
    ),
    "youtube": _rule(
        r"(?![._·-])(?:[^\W_]|[._·-]){3,30}(?<![._·-])|(?:user|c)/[\w.-]{1,100}",
        "youtube.com youtube-nocookie.com",
        "channel",
        "watch playlist shorts results feed embed live",
        r"UC[A-Za-z0-9_-]{22}",
    ),
    "pinterest": _rule(r"(?!_+$)[a-z0-9_]{3,30}", "pinterest.*", "", "pin search ideas today business"),
    "snapchat": _rule(r"[a-z][a-z0-9_.-]{1,13}[a-z0-9]", "snapchat.com", "add", "discover lens spotlight p"),
    "bluesky": _rule(rf"(?=.{{1,253}}$){_DOMAIN}|did:(?:plc|web):[a-z0-9.:-]{{3,}}", "bsky.app", "profile"),
    "discord": _rule(r"(?!.*\.\.)[a-z0-9_.]{2,32}(?:#\d{4})?"),
    "mastodon": _rule(rf"[a-z0-9_](?:[a-z0-9_.-]{{0,62}}[a-z0-9_])?@(?=.{{1,253}}$){_DOMAIN}"),
    "reddit": _rule(r"[a-z0-9_-]{3,20}", "reddit.com", "user u", "r"),
    "github": _rule(r"(?!-)(?!.*--)[a-z0-9-]{1,39}(?<!-)", "github.com", "", "orgs topics features about"),
    "telegram": _rule(r"[a-z](?!.*__)[a-z0-9_]{3,30}[a-z0-9]", "t.me telegram.me", "s", "joinchat addstickers c"),
    "twitch": _rule(r"[a-z0-9][a-z0-9_]{2,24}", "twitch.tv", "", "videos directory p"),
    "tumblr": _rule(r"(?!-)[a-z0-9-]{1,32}(?<!-)", "tumblr.com", "blog", "tagged dashboard explore"),
    "xing": _rule(r"(?:[^\W_]|[_-]){3,100}", "xing.com", "profile", "companies pages"),
    "strava": _rule(r"[a-z0-9_.-]{1,60}", "strava.com", "athletes pros", "activities segments clubs routes"),
}
_SAME = {
    "twitter": "x",
    "ig": "instagram",
    "insta": "instagram",
    "fb": "facebook",
    "meta": "facebook",
    "bsky": "bluesky",
    "atproto": "bluesky",
    "yt": "youtube",
    "snap": "snapchat",
    "fediverse": "mastodon",
}
# A platform without a rule of its own: no spaces, something that can be read.
_OTHER = re.compile(r"(?=.*[^\W_])[\w.+·~-]{1,100}")
_ADDRESS = re.compile(r"(?:https?:)?//|www\.|at://", re.IGNORECASE)


def platform_name(platform: str) -> str:
    """Return the one name a platform goes by here: lower case, ``twitter`` is ``x``."""
    text = clean(platform).lower()
    return _SAME.get(text, text)


def handle(value: str | None, platform: str) -> Normalised:
    """Return a handle as the platform compares it: without @, without the profile's address, lower case.

    Args:
        value: ``@Anna.Berg``, ``Anna.Berg`` or ``https://www.instagram.com/Anna.Berg/?hl=da``.
        platform: For example ``instagram``; synonyms such as ``twitter`` are known. A platform without a rule
            of its own takes any handle without spaces.

    Dots and underscores stay even where a platform ignores them: not merging on doubt. A Mastodon handle
    holds its server (``anna@mastodon.example``), a Bluesky handle is a domain name (AT Protocol). Links to a
    post, a company or a search are no person's profile.

    Reasons: ``empty``, ``no_platform``, ``bidi_control``, ``control_character``, ``whitespace_inside``,
    ``other_site``, ``not_a_profile``, ``no_server``, ``syntax``, ``not_unicode``.
    """
    known = platform_name(platform)
    if not known:
        return refuse("no_platform")
    text = clean(value)
    if not text:
        return refuse("empty")
    problem = deceptive(text)
    if problem:
        return refuse(problem)
    if has_control(text):
        return refuse("control_character")
    if has_space(text):
        return refuse("whitespace_inside")
    rule = PLATFORMS.get(known)
    found = _from_address(text, known, rule)
    if found.value is None:
        return found
    return _checked(found.value, known, rule)


def _checked(text: str, platform: str, rule: Rule | None) -> Normalised:
    text = text.removeprefix("@") if platform != "mastodon" else text.removeprefix("acct:").removeprefix("@")
    if rule is not None and rule.exact is not None and rule.exact.fullmatch(text):
        return accept(text)
    # NFC again after lower(): the dotted capital I falls apart in lower case.
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())
    if platform == "mastodon" and "@" not in text:
        return refuse("no_server")
    if platform == "reddit":
        text = text.removeprefix("/").removeprefix("u/")
    if (rule.pattern if rule else _OTHER).fullmatch(text) is None:
        return refuse("syntax")
    return accept(text)


def _from_address(text: str, platform: str, rule: Rule | None) -> Normalised:
    """Return the handle inside a profile's address; a text that is no address as it is."""
    if text.lower().startswith("at://"):
        return accept(text[5:].split("/", 1)[0])
    hosts = rule.hosts if rule else ()
    if not _ADDRESS.match(text) and not (hosts and _host_of(text, hosts)):
        return accept(text)
    try:
        parts = urlsplit(text if "//" in text[:8] else "//" + text)
        host = (parts.hostname or "").removeprefix("www.")
        words = [unquote(word) for word in parts.path.split("/") if word]
        query = parse_qs(parts.query)
    except ValueError:
        return refuse("syntax")
    if platform == "mastodon":
        return _on_server(host, words)
    if not any(_matches(host, pattern) for pattern in hosts):
        return refuse("other_site")
    return _from_path(words, query, rule, platform)


def _from_path(words: list[str], query: dict[str, list[str]], rule: Rule, platform: str) -> Normalised:
    if platform == "facebook" and words and words[0].lower() == "profile.php":
        return accept(query["id"][0]) if query.get("id") else refuse("not_a_profile")
    if platform == "youtube" and len(words) > 1 and words[0].lower() in ("user", "c"):
        return accept("/".join(words[:2]))
    if words and words[0].lower() in rule.folders:
        # facebook.com/people/<name>/<id>: the id is the profile
        words = words[2:] if words[0].lower() == "people" else words[1:]
    elif platform == "linkedin":
        return refuse("not_a_profile")
    if not words or words[0].lower() in rule.reserved:
        return refuse("not_a_profile")
    return accept(words[0])


def _on_server(host: str, words: list[str]) -> Normalised:
    if words and words[0].lower() == "users":
        words = words[1:]
    elif not (words and words[0].startswith("@")):
        return refuse("not_a_profile")
    if not words or not host:
        return refuse("not_a_profile")
    user = words[0].removeprefix("@")
    return accept(user if "@" in user else f"{user}@{host}")


def _host_of(text: str, hosts: tuple[str, ...]) -> bool:
    host, slash, _ = text.partition("/")
    return bool(slash) and any(_matches(host.lower(), pattern) for pattern in hosts)


def _matches(host: str, pattern: str) -> bool:
    if pattern.endswith(".*"):  # one name under every country's ending, such as pinterest.de
        return re.search(rf"(?:^|\.){re.escape(pattern[:-2])}\.[a-z]{{2,3}}(?:\.[a-z]{{2}})?$", host) is not None
    return host == pattern or host.endswith("." + pattern)
