"""A small log of our own, in both formats, and the mapping that belongs to it."""

import gzip
from pathlib import Path

from services.intake.importers.mapping.mapping import LogMapping
from services.intake.importers.mapping.mapping_files import parse_mapping

MAPPING = """
name: parking-permits
source: urn:gleichfall:log:parking-permits
time_zone: Europe/Berlin
recognise:
  attributes: [zone]
sort: as-written
missing: [NONE]
carry: [result]
recipients: {simulated: example.invalid, language: uk}
log: {case: permit, activity: step, time: at}
case_start:
  event: application.received
  time: asked
  data: {channel: online, service_key: parking-permit, unit: parking}
activities:
  check: {ignore: inside the authority}
  decide:
    event: decision.made
    data:
      type_code: parking-permit
      legal_basis: {from: article, as: integer, text: "§ {} StVO"}
      direction: {from: result, map: {"yes": favourable, "no": adverse}}
      unit: {from: desk, as: code, default: desk-not-recorded}
      decider: {from: officer, pseudonym: decider}
      features: {zone: {from: zone}, price: {from: price, as: integer}}
  send: {event: decision.notified, data: {notified_on: {from: at, as: date}}}
  object: {event: appeal.lodged}
  answer:
    event: appeal.decided
    data: {outcome: {from: result, map: {"yes": reversed, "no": upheld}}}
  undecided:
"""

CSV = """\
permit,step,at,asked,officer,desk,article,result,zone,price
P1,check,2025-03-31T09:00:00+02:00,2025-03-30,,,,,A,
P1,decide,2025-03-31T10:00:00+02:00,2025-03-30,Meyer,Desk 3,46.0,no,A,31.0
P2,check,2025-03-31T10:00:00+02:00,2025-03-31,,,,,B,
P1,send,2025-03-31T23:30:00Z,2025-03-30,,,,,A,
P1,object,2025-03-30,2025-03-30,,,,,A,
P2,decide,2025-04-01T08:00:00,2025-03-31,Meyer,NONE,46,yes,B,31
P1,answer,2025-05-01,2025-03-30,,,,,A,
P2,undecided,2025-05-02,2025-03-31,,,,,B,
P2,unheard of,2025-05-03,2025-03-31,,,,,B,
"""

XES = """\
<?xml version="1.0" encoding="UTF-8"?>
<log xmlns="http://www.xes-standard.org/" xes.version="1.0">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="concept:name" value="UNKNOWN"/></global>
  <string key="origin" value="made up"/>
  <trace>
    <string key="concept:name" value="P1"/>
    <date key="asked" value="2025-03-30T08:00:00+02:00"/>
    <event>
      <string key="concept:name" value="check"/>
      <date key="time:timestamp" value="2025-03-31T09:00:00+02:00"/>
    </event>
    <event>
      <string key="concept:name" value="decide"/>
      <string key="org:resource" value="Meyer"><string key="nested" value="ignored"/></string>
      <date key="time:timestamp" value="2025-03-31T10:00:00+02:00"/>
    </event>
  </trace>
  <trace>
    <string key="concept:name" value="P2"/>
    <event><string key="concept:name" value="check"/></event>
  </trace>
  <event><string key="concept:name" value="of no case"/></event>
</log>
"""


def mapping(text: str = MAPPING) -> LogMapping:
    return parse_mapping(text, "the sample")


def write(directory: Path, name: str, content: str | bytes) -> Path:
    """Write a log, packed when its name says so."""
    path = directory / name
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path
