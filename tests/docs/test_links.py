"""Every link leads somewhere; every picture can be drawn on light and dark pages."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from documents import DOCUMENTS, ROOT, anchors, links

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_inside_the_project_lead_somewhere(document: Path) -> None:
    broken = []
    for link in links(document):
        file, _, anchor = link.partition("#")
        if ":" in file:
            continue
        target = (document.parent / file).resolve() if file else document
        exists = target.exists() and target.is_relative_to(ROOT)
        if not exists or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_all_documents_are_reached_from_the_readme() -> None:
    reached = {ROOT / "README.md"}
    waiting = [ROOT / "README.md"]
    while waiting:
        document = waiting.pop()
        for link in links(document):
            target = (document.parent / link.partition("#")[0]).resolve()
            if target.suffix == ".md" and target.exists() and target not in reached:
                reached.add(target)
                waiting.append(target)
    assert set(DOCUMENTS) <= reached


def test_the_picture_has_a_sheet_of_its_own_under_everything() -> None:
    drawing = ET.parse(ROOT / "docs" / "architecture.svg").getroot()  # noqa: S314 - our own file
    _, _, width, height = map(float, drawing.attrib["viewBox"].split())
    sheet = next(child for child in drawing if child.tag == f"{SVG}rect")
    assert float(sheet.attrib["width"]) >= width - 2
    assert float(sheet.attrib["height"]) >= height - 2
    assert sheet.attrib["fill"].startswith("#")
    assert drawing.find(f"{SVG}title") is not None
