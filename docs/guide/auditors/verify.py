"""Replays an exported draw: python3 verify.py FILE [PUBLIC KEY]. Written from README.md in this folder."""
import base64, decimal, json, re, sys
from collections import Counter
from datetime import datetime, timedelta, timezone
from hashlib import sha256, sha512
sys.excepthook = lambda kind, error, _: print(f"FILE is no export, or cut: {kind.__name__}: {error}", __doc__, sep="\n", file=sys.stderr)
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493  # Ed25519, RFC 8032
D = -121665 * pow(121666, -1, P) % P
def add(a, b):
    (x, y), (v, w), k = a, b, D * a[0] * a[1] * b[0] * b[1]
    return (x * w + v * y) * pow(1 + k, -1, P) % P, (y * w + x * v) * pow(1 - k, -1, P) % P
def times(n, a):
    return add(times(n // 2, add(a, a)), a if n % 2 else (0, 1)) if n else (0, 1)
def point(octets):
    odd, y = divmod(int.from_bytes(octets, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    x = root if root * root % P == square else root * pow(2, (P - 1) // 4, P) % P
    return (x if x % 2 == odd else P - x), y
def signed(public_key, signature, digest):
    hashed = sha512(signature[:32] + public_key + digest).digest()
    right = times(int.from_bytes(hashed, "little") % ORDER, point(public_key))
    left = times(int.from_bytes(signature[32:], "little"), point(bytes([88] + 31 * [102])))
    return left == add(point(signature[:32]), right)
def fits(rule, group, *rest):
    parts = zip(("group", "direction", "unit"), (group.partition("(")[0], *rest))
    where = [f"({name}:{text})" in group for name, text in rule.get("where", {}).items()]
    return all(where) and all(rule.get(name) in (None, text) for name, text in parts)
def differ(what, right, said):
    return [] if right == said else [f"{what} {right}, the file says {said}"]
def stamped(head):  # when RFC 3161's TSTInfo says that the commitment was there; whose word that is, OpenSSL checks
    imprint = re.escape(b"\x04\x20" + sha256(head["commitment"].encode()).digest())
    found = re.search(imprint + rb"\x02.{2,33}?\x18.(\d{14})", base64.b64decode(head["time_stamp"] or ""), re.DOTALL)
    return found and datetime.strptime(found[1].decode() + "+0000", "%Y%m%d%H%M%S%z")
def moment(at):
    return f"{at.astimezone(timezone.utc):%Y-%m-%d %H:%M:%S} UTC" if at else "nothing"
def in_time(at, day):  # anywhere on earth: days begin first where it is UTC+14
    return "yes" if at and at < datetime.fromisoformat(day + "T00:00:00+00:00") - timedelta(hours=14) else "no"
def commitment(head, whole):
    parts = [b"gleichfall-commitment-2", bytes.fromhex(head["seed"])] if whole else [bytes.fromhex(head["seed"])]
    parts += [sha256((head[name] or "").encode()).digest() for name in ("policy", "catalogue")] if whole else []
    parts += [head[name].encode() for name in ("first_day", "last_day")] if whole else []
    return sha256(b"".join(len(one).to_bytes(8, "big") + one for one in parts) if whole else parts[0]).hexdigest()
head, *lines, seal = open(sys.argv[1], "rb").readlines() if sys.argv[1:] else sys.exit(__doc__)
digest, head = sha256(b"".join([head, *lines])).digest(), json.loads(head)
seal, policy = {n: bytes.fromhex(v) for n, v in json.loads(seal).items()}, head["policy"]
policy = json.loads(policy) if isinstance(policy, str) else policy  # gleichfall-draw-1: not as text
rules = [*policy["rates"], {k: policy["default_" + k] for k in ("rate", "minimum")}]
whole = head.get("commitment_form") == 2
swapped, before, found, promised = False, (), [], commitment(head, whole) == head["commitment"]
seed_hash, sizes, drawn = sha256(head["seed"].encode()).hexdigest(), Counter(), Counter()
for one in map(json.loads, lines):
    name, late, said = one["decision"], one["late"], one["drawn"]
    stratum = "late" if late else one["stratum"]
    rule = next(r for r in rules if fits(r, *one["stratum"].split("/", 2)))
    rate, least = (0, 0) if late else (decimal.Decimal(rule["rate"]), rule["minimum"])
    ticket = "0." + f"{int(sha256((seed_hash + name).encode()).hexdigest(), 16):064d}"[::-1]
    due = "random" if decimal.Decimal(ticket) < rate else "top_up" if sizes[stratum] < least else None
    place = (late, one["stratum"], ticket, name)
    found += [f"{name}: stands twice or out of order"] if place <= before else []
    found += differ(f"{name}: the seed gives ticket", ticket, one["ticket"])
    found += differ(f"{name}: its probability is", rate, decimal.Decimal(one["probability"]))
    found += differ(f"{name}: the draw gives", due or "nothing", said or "nothing")
    swapped, before = swapped or (not promised and ticket != one["ticket"]), place
    sizes[stratum], drawn[stratum] = sizes[stratum] + 1, drawn[stratum] + bool(said and not late)
late, closed = sizes.pop("late", 0), {one["stratum"]: one for one in head["strata"]}
for name in sorted(closed.keys() | sizes.keys()):
    one = closed.get(name, {"size": 0, "drawn": 0})
    found += differ(f"{name}: decisions at the close:", one["size"], sizes[name])
    found += differ(f"{name}: drawn at the close:", one["drawn"], drawn[name])
at, current = stamped(head), head["format"] != "gleichfall-draw-1"
opened, said, closed = (head.get(name) and datetime.fromisoformat(head[name]) for name in ("opened_at", "stamped_at", "closed_at"))
found += differ("the time stamp says", moment(at), moment(said)) if current else []
found += [] if promised else ["the commitment is to another seed, policy, catalogue or other days than the file holds" if whole
                              else "the commitment was changed: it isn't the seed's, the tickets are"]
found = ["the seed was swapped: commitment and tickets are another's"] if swapped else found
found += [] if signed(digest=digest, **seal) else ["the signature is not this file's"]
found += [f"signed with another key than {key}" for key in map(str.lower, sys.argv[2:3]) if key != seal["public_key"].hex()]
told = [f"opened {moment(opened)}, closed {moment(closed)}"] if current else []
told += ["closed early, before its days of grace were over"] if head.get("closed_early") else []
told += [f"opened before the first day: {in_time(opened, head['first_day'])}"] if current else []
told += [f"stamped before the first day: {in_time(at, head['first_day'])}"]
told += ["the draw proves less: nobody outside says that its seed was fixed before the first decision"] if told[-1].endswith("no") else []
told += [] if whole else ["the commitment is to the seed alone: it says nothing of the policy"]
found += ["the time stamp can't be used: it is the stamp of something else"] if head["time_stamp"] and not at else []
print(f"period {head['period']}: {sizes.total()} decisions, {drawn.total()} drawn, {late} late")
print(f"signed with {seal['public_key'].hex()}", *["audit log at " + one for one in [head.get("audit")] if one], *told, *found, sep="\n")
sys.exit(1 if found else print("the draw is what seed and policy give"))
