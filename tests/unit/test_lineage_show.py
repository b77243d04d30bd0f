from __future__ import annotations

import json

import pytest

from samtykke.lineage.segments import PurposeUse
from samtykke.lineage.show import needs_by_segment, needs_sentence, write_docs

USES = [
    PurposeUse("readers", "service", "email_engagement.person_id", "x"),
    PurposeUse("readers", "analytics.behaviour", "email_engagement.opens", "x"),
    PurposeUse("readers", "analytics.behaviour", "email_engagement.clicks", "x"),
]


def test_what_a_segment_needs_is_said_with_the_columns_that_need_it():
    needs = needs_by_segment(USES)
    assert needs_sentence(needs["readers"]) == (
        "Needs, derived from the columns it uses: "
        "analytics.behaviour (email_engagement.clicks, email_engagement.opens); "
        "service (email_engagement.person_id)."
    )
    assert "nobody leaves" in needs_sentence(needs.get("unknown"))


def test_the_docs_page_says_at_each_segment_what_was_derived(tmp_path):
    node = {"name": "readers", "resource_type": "model", "description": "One row.", "config": {}, "meta": {}}
    nodes = {key: {**node, "fqn": ["samtykke", key, "readers"]} for key in ("segments", "marts")}
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": nodes}))
    (tmp_path / "catalog.json").write_text("{}")
    (tmp_path / "index.html").write_text('<script>n=["MANIFEST.JSON INLINE DATA","CATALOG.JSON INLINE DATA"]</script>')
    page = tmp_path / "docs" / "index.html"
    write_docs(tmp_path, page, needs_by_segment(USES))
    shown = json.loads(page.read_text().removeprefix("<script>n=").removesuffix("</script>"))[0]["nodes"]
    assert "Needs, derived" in shown["segments"]["description"] and shown["marts"]["description"] == "One row."
    assert shown["segments"]["meta"]["derived_purposes"] == ["analytics.behaviour", "service"]
    (tmp_path / "index.html").write_text("another page")
    with pytest.raises(ValueError, match="no place"):
        write_docs(tmp_path, page, {})
