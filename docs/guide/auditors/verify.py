"""Replays an exported draw: python3 verify.py FILE [PUBLIC KEY] [--head HEAD]. Written from README.md in this folder."""
import base64, json, re, sys
from collections import Counter
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from hashlib import sha256, sha512

# The form of the file: a text is a pattern, `?` may be missing, `...` is for more that isn't looked at.
LONGEST, NUMBER, DIGEST = 2**24, range(10**15), "[0-9a-f]{64}"
DAY, CODE = "2[0-9]{3}-[0-9]{2}-[0-9]{2}", "[A-Za-z0-9][A-Za-z0-9_.:/()-]{0,63}"
MOMENT = DAY + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?Z"
RATE = r"0(\.[0-9]{1,8})?|1(\.0{1,8})?|[0-9](\.[0-9])?E-[78]"
EXACT = r"2[0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z"
STRATUM = (r"(?=.{1,512}$)[A-Za-z0-9][A-Za-z0-9_.:-]*(\([A-Za-z0-9_.-]+:[A-Za-z0-9_.:-]*\))*"
           "/(favourable|adverse|neutral)/[A-Za-z0-9_.:/()-]+")
RULES = {"rates": [{"group?": (None, str), "direction?": (None, str), "unit?": (None, str), "where?": {str: str}, "rate": RATE, "minimum": range(10001), "...": 0}],
         "default_rate": RATE, "default_minimum": range(10001), "late_rate?": RATE, "close_after_days": range(367), "...": 0}
EARLIER = {"format": "gleichfall-draw-1", "period": CODE, "first_day": DAY, "last_day": DAY, "commitment": DIGEST, "time_stamp?": (None, ".+"), "seed": DIGEST,
           "policy": RULES, "strata": [{"stratum": STRATUM, "size": NUMBER, "drawn": NUMBER}], "audit?": (None, "[0-9]+:" + DIGEST), "footnotes?": [str]}
UNCHAINED = {**EARLIER, "format": "gleichfall-draw-2", "policy": str, "catalogue?": (None, str), "commitment_form": range(1, 3), "opened_at": MOMENT,
             "stamped_at": (None, MOMENT), "closed_at": MOMENT, "closed_early": bool}
HEADER = {**UNCHAINED, "format": "gleichfall-draw-3", "chain": (None, {"entries": NUMBER, "closed": NUMBER, "head": DIGEST}),
          "heads": [{"day": DAY, "entries": NUMBER, "head": DIGEST}],
          "witness": (None, {"value": "[0-9a-z]{20,200}", "at": MOMENT, "roles": [str]}), "simulated": bool}
GAPPED = {**HEADER, "format": "gleichfall-draw-4", "gaps": [{"entry": NUMBER, "decision": "decision-[a-z2-7]{26}", "noted": EXACT}]}
STAMPED = {**GAPPED, "format": "gleichfall-draw-5", "heads": [{**HEADER["heads"][0], "time_stamp": (None, ".+")}],
           "audit_stamp": (None, {"head": "[0-9]+:" + DIGEST, "time_stamp": ".+"})}
ROLES = ["staff_council", "auditor", "data_protection", "public"]
DECISION = {"decision": "decision-[a-z2-7]{26}", "type": CODE, "stratum": STRATUM, "decided": EXACT, "registered": EXACT, "ticket": r"0\.[0-9]{1,90}", "probability": r"[01](\.[0-9]{1,30})?",
            "drawn": (None, "random|top_up"), "late": bool, "corrected": bool, "withdrawn": bool}
CHAINED = ("decision", "type", "stratum", "decided", "registered", "ticket")
EARLIER_DECISION = {name: form for name, form in DECISION.items() if name not in ("type", "decided", "registered")}
SEAL = {"public_key": DIGEST, "signature": "[0-9a-f]{128}"}
def refuse(text):
    raise ValueError(text)
def plain(value, depth=0):
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return depth < 21 and not (isinstance(value, dict) and any(name.isascii() and name.isdigit() for name in value)) and all(plain(part, depth + 1) for part in parts)
def value_of(text):  # JSON in its shortest form, without fractions: it can be written in no other way
    value = json.loads(text, parse_float=refuse, parse_constant=refuse, parse_int=lambda digits: int(digits) if len(digits.lstrip("-")) < 16 else refuse(digits))
    return value if plain(value) and json.dumps(value, ensure_ascii=False, separators=(",", ":")) == text else refuse(text)
def fits(value, form):
    if isinstance(form, dict) and str in form:
        return isinstance(value, dict) and all(type(one) is str for one in value.values())
    if isinstance(form, dict):
        names = {name.rstrip("?"): part for name, part in form.items() if name != "..."}
        whole = isinstance(value, dict) and all(name in value or name + "?" in form for name in names)
        return whole and ("..." in form or value.keys() <= names.keys()) and all(fits(value[name], part) for name, part in names.items() if name in value)
    if isinstance(form, list):
        return isinstance(value, list) and all(fits(one, form[0]) for one in value)
    if isinstance(form, tuple):
        return any(fits(value, one) for one in form)
    if isinstance(form, str):
        return isinstance(value, str) and bool(re.fullmatch(form, value)) and (form not in (DAY, MOMENT) or bool(datetime.fromisoformat(value)))
    return type(value) is form or value is form or (type(value) is int and isinstance(form, range) and value in form)
def read(line, number, place, *forms):
    try:
        found = value_of(line.decode()[:-1]) if line.endswith(b"\n") and len(line) <= LONGEST else refuse("cut, or too long")
        if any(fits(found, form) and (form not in (DECISION, EARLIER_DECISION, SEAL) or [*found] == [*form]) for form in forms):
            return found if place != "header" or sound(found) else refuse("header")
    except (ValueError, RecursionError):
        pass
    sys.exit(f"line {number} is no {place} of an exported draw; ask for the file again")
def on_heads(head):  # time stamps: of which day's head or of the audit log, on what text, the stamp
    audit = head.get("audit_stamp")
    return [(f"head of {one['day']}", one["head"], one["time_stamp"]) for one in head.get("heads", []) if one.get("time_stamp")] + ([("audit log", audit["head"].split(":")[1], audit["time_stamp"])] if audit else [])
def rules_in(head):
    return head["policy"] if head["format"] == EARLIER["format"] else value_of(head["policy"])
def sound(head):
    stamps, names, gaps = [head.get("time_stamp") or "", *(one for _, _, one in on_heads(head))], [one["stratum"] for one in head["strata"]], [one["entry"] for one in head.get("gaps", [])]
    heads = [("", 0), *((one["day"], one["entries"]) for one in head.get("heads", []))]
    ascend = all(day < later and entries < more for (day, entries), (later, more) in zip(heads, heads[1:]))
    whole = ascend and max([heads[-1][1], *gaps]) <= ((head.get("chain") or {}).get("entries", 0)) and gaps == sorted({*gaps} - {0}) and (bool(gaps) or head["format"] != GAPPED["format"])
    roles = (head.get("witness") or {"roles": ROLES})["roles"]
    watched = len(roles) > 1 and roles == [one for one in ROLES if one in roles]
    return whole and watched and all(base64.b64encode(base64.b64decode(one, validate=True)).decode() == one for one in stamps) and len({*names}) == len(names) and fits(rules_in(head), RULES)

# Ed25519, strictly: RFC 8032, 5.1.7, without its cofactor, and no points of small order
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, NOTHING = -121665 * pow(121666, -1, P) % P, (0, 1, 1, 0)
def add(a, b):  # in the coordinates of 5.1.4: x/z, y/z, and t/z their product
    (x, y, z, t), (u, v, w, s) = a, b
    a, b, c, d = (y - x) * (v - u), (y + x) * (v + u), 2 * t * s * D, 2 * z * w
    return (b - a) * (d - c) % P, (d + c) * (b + a) % P, (d - c) * (d + c) % P, (b - a) * (b + a) % P
def times(n, a):
    return add(times(n // 2, add(a, a)), a if n % 2 else NOTHING) if n else NOTHING
def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == (a[1] * b[2] - b[1] * a[2]) % P == 0
def point(octets):
    odd, y = divmod(int.from_bytes(octets, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    root = root if root * root % P == square else root * pow(2, (P - 1) // 4, P) % P
    x = root if root % 2 == odd else -root % P
    return (x, y, 1, x * y % P) if y < P and x * x % P == square and x % 2 == odd else None
def signed(public_key, signature, digest):
    hashed, s = sha512(signature[:32] + public_key + digest).digest(), int.from_bytes(signature[32:], "little")
    key, first = point(public_key), point(signature[:32])
    if s >= ORDER or not key or not first or same(times(8, key), NOTHING) or same(times(8, first), NOTHING):
        return False
    return same(times(s, point(bytes([88] + 31 * [102]))), add(first, times(int.from_bytes(hashed, "little") % ORDER, key)))

def parts(octets):  # of DER: pairs of tag and content
    found = []
    while octets:
        size, start = octets[1], 2 + (octets[1] & 127) * (octets[1] > 127)
        size = int.from_bytes(octets[2:start], "big") if size > 127 else size
        found.append((octets[0], octets[start:start + size] if start + size <= len(octets) else refuse("cut")))
        octets = octets[start + size:]
    return found
def stamped(stamp, text):  # when RFC 3161's TSTInfo says that a text was there; whose word that is, OpenSSL checks
    try:
        [(_, answer)] = parts(base64.b64decode(stamp or ""))
        (_, status), (_, token) = parts(answer)
        signed_data = parts(parts(parts(token)[1][1])[0][1])
        info = parts(parts(parts(parts(signed_data[2][1])[1][1])[0][1])[0][1])
        right, at = parts(status)[0][1] in (b"\0", b"\1") and parts(info[2][1])[1][1] == sha256(text.encode()).digest(), info[4][1].decode()
        return datetime.strptime(at[:14] + "+0000", "%Y%m%d%H%M%S%z") if right and re.fullmatch(r"2[0-9]{13}(\.[0-9]+)?Z", at) else None
    except (ValueError, IndexError):
        return None
def measured(pieces):
    return b"".join(len(one).to_bytes(8, "big") + one for one in pieces)
def entered(head):  # what tickets are made from: the seed, or the seed and what was witnessed
    thrown = head.get("witness") and head["witness"]["value"]
    return sha256(measured([b"gleichfall-witness-1", head["seed"].encode(), thrown.encode()])).hexdigest() if thrown else head["seed"]
def commitment(head, whole):
    pieces = [b"gleichfall-commitment-2", bytes.fromhex(head["seed"])] if whole else [bytes.fromhex(head["seed"])]
    pieces += [sha256((head.get(name) or "").encode()).digest() for name in ("policy", "catalogue")] if whole else []
    pieces += [head[name].encode() for name in ("first_day", "last_day")] if whole else []
    return sha256(measured(pieces) if whole else pieces[0]).hexdigest()
def covers(rule, stratum):
    group, *rest = stratum.split("/", 2)
    texts = zip(("group", "direction", "unit"), (group.partition("(")[0], *rest))
    return {*rule.get("where", {}).items()} <= {*re.findall(r"\(([^:]+):([^)]*)\)", group)} and all(rule.get(name) in (None, text) for name, text in texts)
def moment(at):
    return f"{at.astimezone(timezone.utc):%Y-%m-%d %H:%M:%S} UTC" if at else "nothing"
def begins(day):  # anywhere on earth: days begin first where it is UTC+14
    return datetime.fromisoformat(day + "T00:00:00+00:00") - timedelta(hours=14)
def differ(what, right, said):
    return [] if right == said else [f"{what} {right}, the file says {said}"]

def records(file, digest):  # the header, the decisions and the seal; before each the digest is that of the lines before
    lines, number = iter(lambda: file.readline(LONGEST + 1), b""), 2
    line = next(lines, b"")
    head = read(line, 1, "header", EARLIER, UNCHAINED, HEADER, GAPPED, STAMPED)
    yield head
    digest.update(line)
    line = next(lines, b"")
    for following in lines:
        yield read(line, number, "decision", DECISION if "heads" in head else EARLIER_DECISION)
        digest.update(line)
        line, number = following, number + 1
    yield read(line, number, "seal", SEAL)
class Chain:  # of the register: each hash is of the one before and the decision; `kept` are heads that somebody kept
    def __init__(self, head, kept):
        self.end, self.kept, self.published = head.get("chain"), kept, {one["entries"]: one for one in head.get("heads", [])}
        self.gaps = {one["entry"]: {**dict.fromkeys(CHAINED, ""), "decision": one["decision"], "registered": one["noted"]} for one in head.get("gaps", [])}
        self.hash, self.number, self.behind, self.whole = sha256(measured([b"gleichfall-register-1", head["period"].encode()])), 0, "", True
    def take(self, one=None):  # a decision, or the end; before it come gaps, of which nothing is known but an id
        found = []
        while self.number + 1 in self.gaps:
            found += self.link(self.gaps.pop(self.number + 1))
        found += [f"{one['decision']}: is late by its flag or by its stratum, not by both"] if one and one["late"] != one["stratum"].startswith("late/") else []
        return found + (self.link(one) if one else [])
    def link(self, one):
        self.hash, self.number = sha256(self.hash.digest() + measured(one[name].encode() for name in CHAINED)), self.number + 1
        earliest = self.behind and datetime.fromisoformat(self.behind) - timedelta(days=1)
        found = [f"{one['decision']}: registered before the head of {self.behind}, and stands behind it"] if earliest and one["registered"] < f"{earliest:%Y-%m-%d}" else []
        if head := self.published.get(self.number):
            self.behind, right = head["day"], head["head"] == self.hash.hexdigest()
            found += [f"entry {self.number}: the chain isn't the one whose head was published on {head['day']}"] if self.whole and not right else []
            self.whole = self.whole and right
        self.kept = [kept for kept in self.kept if not (kept[2] == self.hash.hexdigest() and kept[1] in ("-", str(self.number)))]
        return found
    def finish(self, counted):
        found = self.take()
        if self.end:
            found += [f"entries at the close: {self.end['closed']}, the file counts {counted} decisions then"] if self.end["closed"] != counted else []
            last = ["the chain of the register gives another head than the file says"] if self.whole and self.end["head"] != self.hash.hexdigest() else []
            found += ([f"entries of the register: {self.end['entries']}, the file holds {self.number}"] if self.end["entries"] != self.number else last)
        return found + [f"the head that was kept of {day} is not in this register" for day, *_ in self.kept]
def replay(head, decisions, kept):  # gives what was found, and how many there were and were drawn, by stratum
    policy, seed_hash = rules_in(head), sha256(entered(head).encode()).hexdigest()
    rules = [{"group": "late", "rate": policy.get("late_rate", "1"), "minimum": 0}, *policy["rates"], {name: policy["default_" + name] for name in ("rate", "minimum")}]
    found, before, seen, sizes, drawn = [], (), set(), Counter(), Counter()
    chain, smallest, others, leasts = Chain(head, kept), {}, {}, {}
    for one in decisions:
        name, said = one["decision"], one["drawn"]
        late = one["late"] and not chain.end and not one["stratum"].startswith("late/")  # of a period that drew nothing late
        stratum, rule = "late" if late else one["stratum"], next(rule for rule in rules if covers(rule, one["stratum"]))
        rate, least = (Decimal(0), 0) if late else (Decimal(rule["rate"]), rule["minimum"])
        ticket = "0." + f"{int(sha256((seed_hash + name).encode()).hexdigest(), 16):064d}"[::-1]
        found += [f"{name}: stands twice"] if name in seen else []
        place = (one["late"], one["stratum"], ticket, name)
        found += chain.take(one) if chain.end else [f"{name}: stands out of order"] if place < before else []
        found += differ(f"{name}: the seed gives ticket", ticket, one["ticket"])
        found += differ(f"{name}: its probability is", f"{rate:f}", one["probability"]) if Decimal(one["probability"]) != rate else []
        if Decimal(ticket) < rate:
            found += differ(f"{name}: the draw gives", "random", said or "nothing")
        elif said:
            others.setdefault(stratum, {})[name] = said
        smallest[stratum] = sorted([*smallest.get(stratum, []), (ticket, name, Decimal(ticket) >= rate)])[:least]
        seen.add(name)
        before = place
        sizes[stratum], drawn[stratum] = sizes[stratum] + 1, drawn[stratum] + bool(said and not late)
    for stratum in sorted(sizes, key=lambda name: (name == "late", name)):  # topped up are the smallest tickets, as many as the minimum
        due, said = {name: "top_up" for _, name, more in smallest[stratum] if more}, others.get(stratum, {})
        for name in sorted({*due, *said}):
            found += differ(f"{name}: the draw gives", due.get(name, "nothing"), said.get(name, "nothing"))
    late, closed = sizes.pop("late", 0), {one["stratum"]: one for one in head["strata"]}
    for name in sorted(closed.keys() | sizes.keys()):
        one = closed.get(name, {"size": 0, "drawn": 0})
        found += differ(f"{name}: decisions at the close:", one["size"], sizes[name])
        found += differ(f"{name}: drawn at the close:", one["drawn"], drawn[name])
    found += chain.finish(sum(one["size"] for one in head["strata"]) + len(head.get("gaps", [])))
    late += sum(size for name, size in sizes.items() if name.startswith("late/"))
    return found, f"period {head['period']}: {sizes.total()} decisions, {drawn.total()} drawn, {late} late"
def compare_times(head, at):  # gives what was found, and what is to be told
    found = ["the time stamp is none of this commitment"] if head.get("time_stamp") and not at else []
    told = [f"stamped before the first day: {'yes' if at and at < begins(head['first_day']) else 'no'}"]
    told += ["the draw proves less: nobody outside says that its seed was fixed before the first decision"] if told[0].endswith("no") else []
    thrown = head.get("witness") or {"at": None}
    seen = thrown["at"] and datetime.fromisoformat(thrown["at"])
    by = f"witnessed {moment(seen)} by {', '.join(thrown['roles'])}: {thrown['value']}" if seen else "the draw proves less: its seed was made by the authority's machine alone"
    told += [f"witnessed before the first day: {'yes' if seen and seen < begins(head['first_day']) else 'no'}", by] if "witness" in head else []
    if head["format"] == EARLIER["format"]:
        return found, told
    opened, said, closed = (head[name] and datetime.fromisoformat(head[name]) for name in ("opened_at", "stamped_at", "closed_at"))
    over, grace = begins(head["last_day"]) + timedelta(days=1), timedelta(days=rules_in(head)["close_after_days"])
    found += differ("the time stamp says", moment(at), moment(said)) if at != said else []
    found += [f"closed {moment(closed)}, before its last day was over"] if closed < over else []
    found += ["closed early, and the file doesn't say so"] if closed < max(opened, over) + grace and not head["closed_early"] else []
    promised = max(opened, at or opened)
    found += [f"witnessed {moment(seen)}, before it was promised {moment(promised)}"] if seen and seen < promised else []
    found += [f"witnessed {moment(seen)}, when its first day had begun"] if seen and seen >= begins(head["first_day"]) else []
    before = ["its times are a simulated clock's, of an invented authority: they prove nothing"] if head.get("simulated") else []
    before += ["closed early, before its days of grace were over"] if head["closed_early"] else []
    before += [f"opened before the first day: {'yes' if opened < begins(head['first_day']) else 'no'}"]
    return found, [f"opened {moment(opened)}, closed {moment(closed)}", *before, *told]
def tell_stamps(head):  # how many heads were stamped in time, and what was there by when
    heads, audit = [(one, stamped(one.get("time_stamp"), one["head"])) for one in head["heads"]] if head["format"] == STAMPED["format"] else [], head.get("audit_stamp")
    soon = sum(bool(at) and at.date() <= datetime.fromisoformat(one["day"]).date() + timedelta(days=1) for one, at in heads)
    last = [f"stamped {moment(at)}: the register until entry {one['entries']}" for one, at in heads if at][-1:]
    at = audit and stamped(audit["time_stamp"], audit["head"].split(":")[1])
    told = [f"heads stamped by the day after theirs: {soon} of {len(heads)}"] if heads else []
    return told + last + ([f"stamped {moment(at)}: the audit log until entry {audit['head'].split(':')[0]}"] if at else [])
def main(path, key=None, kept=()):
    digest, seal = sha256(), {}
    def decisions():
        for one in lines:
            if "signature" in one:
                return seal.update({name: bytes.fromhex(text) for name, text in one.items()})
            yield one
    try:
        with open(path, "rb") as file:
            lines = records(file, digest)
            head = next(lines)
            found, summed = replay(head, decisions(), kept)
    except OSError as error:
        sys.exit(f"cannot use {path}: {error.strerror}")
    whole, swapped = head.get("commitment_form") == 2, any(": the seed gives ticket " in one for one in found)
    more, told = compare_times(head, stamped(head.get("time_stamp"), head["commitment"]))
    found += more + [f"the time stamp of the {what} is none of it" for what, text, stamp in on_heads(head) if not stamped(stamp, text)]
    if commitment(head, whole) != head["commitment"]:
        held = "seed, policy, catalogue or other days" if whole else "seed"
        found += [f"the commitment is to another {held} than the file holds"]
        found = ["the seed was swapped: commitment and tickets are another's"] if swapped else found
    found += [] if signed(digest=digest.digest(), **seal) else ["the signature is not this file's"]
    found += [f"signed with another key than {key.lower()}"] if key and key.lower() != seal["public_key"].hex() else []
    told += [] if whole else ["the commitment is to the seed alone: it says nothing of the policy"]
    told += [f"entry {one['entry']}: {one['decision']} was registered and is gone; noted {one['noted'][:10]} {one['noted'][11:19]} UTC" for one in head.get("gaps", [])] + ["the draw proves less: decisions are gone that were registered"] * bool(head.get("gaps")) + tell_stamps(head)
    logged = ["audit log at " + one for one in [head.get("audit")] if one]
    print(summed, f"signed with {seal['public_key'].hex()}", *logged, *told, *found or ["the draw is what seed and policy give"], sep="\n")
    return f"the draw can't be confirmed. Differences: {len(found)}" if found else 0
def asked(words):  # gives FILE and PUBLIC KEY, and the heads that were kept, as 2026-05-03:1204:9f86…
    heads = [words[place + 1:place + 2] for place, word in enumerate(words) if word == "--head"]
    kept = [re.fullmatch(f"({DAY}):(-|[0-9]+):({DIGEST})", one[0].lower()) if one else None for one in heads]
    plain = [word for place, word in enumerate(words) if "--head" not in words[max(place - 1, 0):place + 1]]
    return plain[:2] if plain and all(kept) else sys.exit(__doc__), [(one[1], one[2].lstrip("0") or "0", one[3]) for one in kept]
if __name__ == "__main__":
    words, heads = asked(sys.argv[1:])
    sys.exit(main(*words, kept=heads))
