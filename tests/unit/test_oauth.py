"""OAuth 1.0a signatures, held to the worked example that X publishes (Creating a signature, version 1)."""

from __future__ import annotations

from types import SimpleNamespace

from samtykke.activation.destinations import oauth
from samtykke.activation.http import Request

# the example's, and nobody's
SECRETS = {
    "consumer_key": "xvz1evFS4wEEPTGEFPHBog",
    "consumer_secret": "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
    "access_token": "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
    "token_secret": "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
}


def test_the_published_example_is_signed_as_published(monkeypatch):
    monkeypatch.setattr(oauth.secrets, "token_hex", lambda size: "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg")
    monkeypatch.setattr(oauth.time, "time", lambda: 1_318_622_958.9)
    target = SimpleNamespace(secret=SECRETS.__getitem__, base_url="https://api.twitter.com/1/")
    query = {"include_entities": "true", "status": "Hello Ladies + Gentlemen, a signed OAuth request!"}
    headers = oauth.Signature(target).headers(Request("POST", "/statuses/update.json", query=query), False)
    assert 'oauth_signature="tnnArxj06cWHq44gCs1OSKk%2FjLY%3D"' in headers["Authorization"]
    assert not any(SECRETS[name] in headers["Authorization"] for name in ("consumer_secret", "token_secret"))
