// Replays an exported draw in a browser, on the page /draws/verify; the file doesn't leave the computer.
// Written from README.md in this folder, like verify.py beside it, and from nothing else.
"use strict";

// SHA-256 (FIPS 180-4), piece by piece; its constants are the roots of the first primes
const primes = [...Array(312).keys()].filter(n => n > 1 && ![...Array(n).keys()].some(m => m > 1 && n % m === 0));
function root(n, degree) { // of a large whole number, cut
  let low = 0n, high = 1n << 128n;
  while (high - low > 1n) { const middle = (low + high) >> 1n; if (middle ** degree <= n) low = middle; else high = middle; }
  return low;
}
const START = primes.slice(0, 8).map(p => Number(root(BigInt(p) << 64n, 2n) & 0xffffffffn));
const ROUNDS = Int32Array.from(primes, p => Number(root(BigInt(p) << 96n, 3n) & 0xffffffffn));
const schedule = new Int32Array(64);
class Sha256 {
  constructor(before) {
    this.state = Int32Array.from(before ? before.state : START);
    this.block = before ? before.block.slice() : new Uint8Array(64);
    this.length = before ? before.length : 0;
  }
  update(bytes) {
    for (let at = 0; at < bytes.length;) {
      const filled = this.length % 64, size = Math.min(64 - filled, bytes.length - at);
      if (size === 64) this.compress(bytes, at);
      else this.block.set(bytes.subarray(at, at + size), filled);
      if (size < 64 && filled + size === 64) this.compress(this.block, 0);
      this.length += size;
      at += size;
    }
    return this;
  }
  compress(bytes, at) {
    const w = schedule, state = this.state;
    for (let t = 0; t < 16; t++, at += 4) w[t] = bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3];
    for (let t = 16; t < 64; t++) {
      const x = w[t - 15], y = w[t - 2];
      w[t] = w[t - 16] + w[t - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10);
    }
    let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
    for (let t = 0; t < 64; t++) {
      const one = h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + ROUNDS[t] + w[t] | 0;
      const two = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ a & c ^ b & c) | 0;
      h = g; g = f; f = e; e = d + one | 0; d = c; c = b; b = a; a = one + two | 0;
    }
    state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
  }
  words() {
    const end = new Sha256(this), filling = new Uint8Array((119 - this.length % 64) % 64 + 9);
    filling[0] = 128;
    new DataView(filling.buffer).setBigUint64(filling.length - 8, BigInt(this.length) * 8n);
    return end.update(filling).state;
  }
  hex() { return Array.from(this.words(), word => (word >>> 0).toString(16).padStart(8, "0")).join(""); }
  bytes() {
    const found = new DataView(new ArrayBuffer(32));
    this.words().forEach((word, place) => found.setInt32(4 * place, word));
    return new Uint8Array(found.buffer);
  }
}
const encoder = new TextEncoder(), decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const octets = hex => Uint8Array.from(hex.match(/../g) || [], pair => parseInt(pair, 16));
const hex = bytes => Array.from(bytes, one => one.toString(16).padStart(2, "0")).join("");
const sha256 = bytes => new Sha256().update(bytes).hex();

// Ed25519, strictly: RFC 8032, 5.1.7, without its cofactor, and no points of small order
const P = 2n ** 255n - 19n, ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = n => ((n % P) + P) % P;
function power(base, exponent) {
  let result = 1n;
  for (; exponent > 0n; exponent >>= 1n, base = mod(base * base)) if (exponent & 1n) result = mod(result * base);
  return result;
}
const D = mod(-121665n * power(121666n, P - 2n)), NOTHING = [0n, 1n, 1n, 0n];
function add([x, y, z, t], [u, v, w, s]) { // in the coordinates of 5.1.4: x/z, y/z, and t/z their product
  const a = mod((y - x) * (v - u)), b = mod((y + x) * (v + u)), c = mod(2n * t * s * D), d = mod(2n * z * w);
  return [(b - a) * (d - c), (d + c) * (b + a), (d - c) * (d + c), (b - a) * (b + a)].map(mod);
}
function times(n, point) {
  let result = NOTHING;
  for (; n > 0n; n >>= 1n, point = add(point, point)) if (n & 1n) result = add(result, point);
  return result;
}
const same = ([x, y, z], [u, v, w]) => mod(x * w) === mod(u * z) && mod(y * w) === mod(v * z);
const little = bytes => BigInt("0x" + hex([...bytes].reverse()));
function pointOf(bytes) {
  const number = little(bytes), odd = number >> 255n, y = number & (2n ** 255n - 1n);
  const square = mod((y * y - 1n) * power(mod(D * y * y + 1n), P - 2n));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x) !== square) x = mod(x * power(2n, (P - 1n) / 4n));
  if (x % 2n !== odd) x = mod(-x);
  return y < P && mod(x * x) === square && x % 2n === odd ? [x, y, 1n, mod(x * y)] : null;
}
async function isSigned(publicKey, signature, digest) {
  const key = pointOf(publicKey), first = pointOf(signature.subarray(0, 32)), s = little(signature.subarray(32));
  const none = point => !point || same(times(8n, point), NOTHING);
  if (s >= ORDER || none(key) || none(first)) return false;
  const hashed = await crypto.subtle.digest("SHA-512", Uint8Array.of(...signature.subarray(0, 32), ...publicKey, ...digest));
  const base = pointOf(Uint8Array.of(88, ...Array(31).fill(102)));
  return same(times(s, base), add(first, times(little(new Uint8Array(hashed)) % ORDER, key)));
}

// The form of the file: JSON that can be written in no other way
const LONGEST = 2 ** 24, DIGEST = "[0-9a-f]{64}", CHAINED = "gleichfall-draw-3", GAPPED = "gleichfall-draw-4", STAMPED = "gleichfall-draw-5";
const text = pattern => { const whole = new RegExp(`^(?:${pattern})$`); return value => typeof value === "string" && whole.test(value); };
const maybe = part => value => value === null || part(value);
const list = part => value => Array.isArray(value) && value.every(part);
const whole = (least, most) => value => Number.isInteger(value) && value >= least && value <= most;
const anyText = value => typeof value === "string", truth = value => typeof value === "boolean";
const isObject = value => typeof value === "object" && value !== null && !Array.isArray(value);
const object = (needed, optional = {}, open = false) => value => isObject(value)
  && Object.keys(needed).every(name => Object.hasOwn(value, name))
  && Object.entries(value).every(([name, part]) => Object.hasOwn(needed, name) ? needed[name](part) : Object.hasOwn(optional, name) ? optional[name](part) : open);
const isReal = value => { const at = new Date(`${value.slice(0, 10)}T${value.slice(11, 19) || "00:00:00"}Z`); return !isNaN(at) && at.toISOString().startsWith(value.slice(0, 19)); };
const dayForm = text("2[0-9]{3}-[0-9]{2}-[0-9]{2}"), momentForm = text("2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{6})?Z");
const day = value => dayForm(value) && isReal(value), moment = value => momentForm(value) && isReal(value);
const rate = text("0(\\.[0-9]{1,8})?|1(\\.0{1,8})?|[0-9](\\.[0-9])?E-[78]"), minimum = whole(0, 10000);
const CODE = "[A-Za-z0-9][A-Za-z0-9_.:/()-]{0,63}", STRATUM = "(?=[^\"]{1,512}(\"|$))[A-Za-z0-9][A-Za-z0-9_.:-]*(\\([A-Za-z0-9_.-]+:[A-Za-z0-9_.:-]*\\))*/(favourable|adverse|neutral)/[A-Za-z0-9_.:/()-]+";
const stratum = text(STRATUM);
const rules = object({
  rates: list(object({ rate, minimum }, { group: maybe(anyText), direction: maybe(anyText), unit: maybe(anyText), where: value => isObject(value) && Object.values(value).every(anyText) }, true)),
  default_rate: rate, default_minimum: minimum, close_after_days: whole(0, 366),
}, { late_rate: rate }, true);
const count = object({ stratum, size: whole(0, 1e15), drawn: whole(0, 1e15) });
const base64 = value => { try { return value !== "" && btoa(atob(value)) === value; } catch { return false; } };
const common = {
  period: text(CODE), first_day: day, last_day: day, commitment: text(DIGEST), seed: text(DIGEST),
  strata: value => list(count)(value) && new Set(value.map(one => one.stratum)).size === value.length,
};
const auditHead = text("[0-9]+:" + DIGEST);
const optional = { time_stamp: maybe(value => anyText(value) && base64(value)), audit: maybe(auditHead), footnotes: list(anyText) };
const documented = {
  ...common, policy: value => anyText(value) && rules(valueOf(value)), commitment_form: whole(1, 2),
  opened_at: moment, stamped_at: maybe(moment), closed_at: moment, closed_early: truth,
};
const reached = { entries: whole(0, 1e15), head: text(DIGEST) };
const ROLES = ["staff_council", "auditor", "data_protection", "public"];
const watched = value => list(anyText)(value) && value.length > 1 && value.join() === ROLES.filter(one => value.includes(one)).join();
const stamp = value => anyText(value) && base64(value);
const ascend = value => value.every((one, at) => one.entries > (at ? value[at - 1].entries : 0) && (!at || one.day > value[at - 1].day));
const chained = {
  ...documented, witness: maybe(object({ value: text("[0-9a-z]{20,200}"), at: moment, roles: watched })), simulated: truth, chain: maybe(object({ ...reached, closed: whole(0, 1e15) })),
  heads: value => list(object({ ...reached, day }))(value) && ascend(value),
};
const EXACT = "2[0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{6}Z", ID = "decision-[a-z2-7]{26}";
const gaps = value => list(object({ entry: whole(1, 1e15), decision: text(ID), noted: text(EXACT) }))(value)
  && value.every((one, at) => !at || one.entry > value[at - 1].entry);
const stamped = {
  ...chained, gaps, audit_stamp: maybe(object({ head: auditHead, time_stamp: stamp })),
  heads: value => list(object({ ...reached, day, time_stamp: maybe(stamp) }))(value) && ascend(value),
};
const FORMATS = new Map([
  ["gleichfall-draw-1", object({ ...common, format: anyText, policy: rules }, optional)],
  ["gleichfall-draw-2", object({ ...documented, format: anyText }, { ...optional, catalogue: maybe(anyText) })],
  [CHAINED, object({ ...chained, format: anyText }, { ...optional, catalogue: maybe(anyText) })],
  [GAPPED, object({ ...chained, gaps: value => gaps(value) && value.length > 0, format: anyText }, { ...optional, catalogue: maybe(anyText) })],
  [STAMPED, object({ ...stamped, format: anyText }, { ...optional, catalogue: maybe(anyText) })],
]);
const isHeader = value => isObject(value) && FORMATS.has(value.format) && FORMATS.get(value.format)(value)
  && Math.max(value.heads?.at(-1)?.entries ?? 0, value.gaps?.at(-1)?.entry ?? 0) <= (value.chain?.entries ?? 0);
const inOrder = fields => { // these lines have no free text, so a pattern says all of their form
  const form = new RegExp(`^\\{${Object.entries(fields).map(([name, part]) => `"${name}":${part}`).join(",")}\\}$`);
  return written => form.test(written) ? JSON.parse(written) : null;
};
const ofDecision = exact => inOrder({
  decision: `"${ID}"`, ...(exact && { type: `"${CODE}"` }), stratum: `"${STRATUM}"`, ...(exact && { decided: exact, registered: exact }),
  ticket: '"0\\.[0-9]{1,90}"', probability: '"[01](\\.[0-9]{1,30})?"', drawn: '(null|"random"|"top_up")',
  late: "(true|false)", corrected: "(true|false)", withdrawn: "(true|false)",
});
const decisionOf = ofDecision(`"${EXACT}"`), earlierDecisionOf = ofDecision(null);
const sealOf = inOrder({ public_key: `"${DIGEST}"`, signature: '"[0-9a-f]{128}"' });
function isPlain(value, depth = 0) {
  if (typeof value === "string") return !/\p{Surrogate}/u.test(value);
  if (typeof value === "number") return Number.isInteger(value) && Math.abs(value) < 1e15;
  if (typeof value !== "object" || value === null) return true;
  const names = Array.isArray(value) ? [] : Object.keys(value);
  return depth < 21 && names.every(name => isPlain(name) && !/^[0-9]+$/.test(name)) && Object.values(value).every(part => isPlain(part, depth + 1));
}
function valueOf(written) {
  const value = JSON.parse(written);
  if (!isPlain(value) || JSON.stringify(value) !== written) throw new Error("written otherwise");
  return value;
}
class Unreadable extends Error {}
const headerOf = written => { const value = valueOf(written); return isHeader(value) ? value : null; };
function read(line, number, place, parse) {
  try {
    const value = line.length <= LONGEST && line.at(-1) === 10 ? parse(decoder.decode(line.subarray(0, -1))) : null;
    if (value) return value;
  } catch { /* it is said below */ }
  throw Object.assign(new Unreadable(), { fault: { kind: "format", where: number, right: place } });
}

// The draw
function parts(bytes) { // of DER: pairs of tag and content
  const found = [];
  while (bytes.length) {
    const long = bytes[1] > 127, start = 2 + (long ? bytes[1] & 127 : 0);
    const size = long ? Number(BigInt("0x0" + hex(bytes.subarray(2, start)))) : bytes[1];
    if (!(start + size <= bytes.length)) throw new Error("cut");
    found.push([bytes[0], bytes.subarray(start, start + size)]);
    bytes = bytes.subarray(start + size);
  }
  return found;
}
function stampOf(stamp, text) { // when RFC 3161's TSTInfo says that a text was there; whose word that is, OpenSSL checks
  try {
    const answer = parts(Uint8Array.from(atob(stamp), one => one.charCodeAt(0)));
    const [[, status], [, token], ...more] = parts(answer[0][1]);
    const signedData = parts(parts(parts(token)[1][1])[0][1]);
    const info = parts(parts(parts(parts(signedData[2][1])[1][1])[0][1])[0][1]);
    const granted = parts(status)[0][1], imprint = parts(info[2][1])[1][1];
    if (answer.length > 1 || more.length || granted.length !== 1 || granted[0] > 1 || hex(imprint) !== sha256(encoder.encode(text))) return null;
    const at = decoder.decode(info[4][1]).replace(/^(2[0-9]{3})(..)(..)(..)(..)(..)(\.[0-9]+)?Z$/, "$1-$2-$3T$4:$5:$6Z");
    return moment(at) ? at : null;
  } catch { return null; }
}
function commitmentOf(head) {
  if (head.commitment_form !== 2) return sha256(octets(head.seed));
  const digests = [head.policy, head.catalogue ?? ""].map(one => octets(sha256(encoder.encode(one))));
  const pieces = [encoder.encode("gleichfall-commitment-2"), octets(head.seed), ...digests, encoder.encode(head.first_day), encoder.encode(head.last_day)];
  return sha256(measured(pieces));
}
function entered(head) { // what tickets are made from: the seed, or the seed and what was witnessed
  const pieces = ["gleichfall-witness-1", head.seed, head.witness?.value ?? ""].map(one => encoder.encode(one));
  return head.witness ? sha256(measured(pieces)) : head.seed;
}
function measured(pieces) { // each behind its length, a number of 8 bytes
  const all = new Uint8Array(pieces.reduce((size, one) => size + 8 + one.length, 0));
  let at = 0;
  for (const one of pieces) {
    new DataView(all.buffer).setUint32(at + 4, one.length);
    all.set(one, at + 8);
    at += 8 + one.length;
  }
  return all;
}
class Chain { // of the register: each hash is of the one before and the decision; `kept` are heads that somebody kept
  constructor(head, kept) {
    this.end = head.chain;
    this.kept = kept;
    this.published = new Map((head.heads ?? []).map(one => [one.entries, one]));
    this.lost = (head.gaps ?? []).length;
    this.gaps = new Map((head.gaps ?? []).map(({ entry, decision, noted: registered }) => [entry, { decision, type: "", stratum: "", decided: "", registered, ticket: "" }]));
    this.hash = new Sha256().update(measured([encoder.encode("gleichfall-register-1"), encoder.encode(head.period)])).bytes();
    this.number = 0;
    this.earliest = this.behind = "";
    this.whole = true;
  }
  take(one, fault) {
    this.passGaps(fault);
    if (one.late !== one.stratum.startsWith("late/")) fault("late", one.decision); // the stratum is hashed, the flag isn't
    this.link(one, fault);
  }
  passGaps(fault) { // entries of which nothing is known but an id
    for (let gap; (gap = this.gaps.get(this.number + 1)); ) this.link(gap, fault);
  }
  link(one, fault) {
    const pieces = [one.decision, one.type, one.stratum, one.decided, one.registered, one.ticket].map(part => encoder.encode(part));
    this.hash = new Sha256().update(this.hash).update(measured(pieces)).bytes();
    this.number += 1;
    if (one.registered < this.earliest) fault("backdated", one.decision, this.behind);
    const head = this.published.get(this.number);
    if (head) {
      this.behind = head.day;
      this.earliest = new Date(Date.parse(head.day) - 864e5).toISOString().slice(0, 10);
      if (this.whole && head.head !== hex(this.hash)) { this.whole = false; fault("head", this.number, head.day); }
    }
    if (this.kept.length) this.kept = this.kept.filter(kept => kept.hash !== hex(this.hash) || ![null, this.number].includes(kept.entries));
  }
  finish(counted, fault) {
    this.passGaps(fault);
    if (this.end) {
      const { entries, closed, head } = this.end, all = counted + this.lost;
      if (closed !== all) fault("closed", undefined, closed, all);
      if (entries !== this.number) fault("entries", undefined, entries, this.number);
      else if (this.whole && head !== hex(this.hash)) fault("chain");
    }
    for (const one of this.kept) fault("kept", one.day);
  }
}
const micros = at => at && BigInt(Date.parse(at.slice(0, 19) + "Z")) * 1000n + BigInt(at.slice(20, 26).replace(/[^0-9]/g, "") || 0);
const begins = (of, later = 0) => BigInt(Date.parse(of) + later * 864e5 - 14 * 36e5) * 1000n; // anywhere on earth: first where it is UTC+14
const said = at => at ? `${at.slice(0, 10)} ${at.slice(11, 19)} UTC` : "nothing";
const plainRate = written => written.replace(/^(.)(\.(.))?E-(.)$/, (_, one, point, two, size) => "0." + "0".repeat(size - 1) + one + (two ?? ""));
const value = written => written.includes(".") ? written.replace(/\.?0+$/, "") : written;
function ruleFor(policy, written) {
  const [group, direction, ...unit] = written.split("/"), cells = new Set(group.match(/\([^)]*\)/g));
  const texts = { group: group.split("(")[0], direction, unit: unit.join("/") };
  const covers = rule => Object.entries(texts).every(([name, one]) => (rule[name] ?? one) === one)
    && Object.entries(rule.where ?? {}).every(([name, one]) => /^[^:()]+$/.test(name) && cells.has(`(${name}:${one})`));
  const late = texts.group === "late" ? { rate: policy.late_rate ?? "1", minimum: 0 } : undefined; // before all rules
  const found = late ?? policy.rates.find(covers) ?? { rate: policy.default_rate, minimum: policy.default_minimum };
  return tallyOf(plainRate(found.rate), found.minimum);
}
const tallyOf = (rate, minimum) => ({ rate, minimum, size: 0, drawn: 0, smallest: [], others: new Map() });
function rank(tally, ticket, decision) { // keep it if its ticket is among the smallest, as many as the minimum
  const { smallest, minimum } = tally, after = one => one.ticket > ticket || (one.ticket === ticket && one.decision > decision);
  if (!minimum || (smallest.length === minimum && !after(smallest[minimum - 1]))) return;
  const at = smallest.findIndex(after);
  smallest.splice(at < 0 ? smallest.length : at, 0, { ticket, decision });
  smallest.length = Math.min(smallest.length, minimum);
}
const TOLD = 1000; // faults that are told one by one; all are counted
class Replay {
  constructor(head, kept) {
    this.head = head;
    this.decisionOf = head.heads ? decisionOf : earlierDecisionOf;
    this.chain = new Chain(head, kept);
    this.policy = typeof head.policy === "string" ? valueOf(head.policy) : head.policy;
    this.begun = new Sha256().update(encoder.encode(sha256(encoder.encode(entered(head)))));
    this.tallies = new Map();
    this.late = tallyOf("0", 0);
    this.seen = new Set();
    this.before = ["", "", "", ""];
    this.faults = [];
    this.found = 0;
    this.swapped = false;
  }
  ticket(decision) {
    const number = BigInt("0x" + new Sha256(this.begun).update(encoder.encode(decision)).hex());
    return "0." + [...number.toString().padStart(64, "0")].reverse().join("");
  }
  take(entry) {
    const { decision, stratum: where, ticket: written, probability, drawn, late } = entry;
    const undrawn = late && !this.chain.end && !where.startsWith("late/"); // of a period that drew nothing late
    if (!undrawn && !this.tallies.has(where)) this.tallies.set(where, ruleFor(this.policy, where));
    const tally = undrawn ? this.late : this.tallies.get(where), ticket = this.ticket(decision);
    const place = [late ? "1" : "0", where, ticket, decision];
    const first = place.findIndex((part, at) => part !== this.before[at]);
    if (this.seen.has(decision)) this.fault("twice", decision);
    if (this.chain.end) this.chain.take(entry, (...found) => this.fault(...found));
    else if (first >= 0 && place[first] < this.before[first]) this.fault("order", decision);
    if (ticket !== written) this.fault("ticket", decision, ticket, written);
    if (value(probability) !== value(tally.rate)) this.fault("probability", decision, tally.rate, probability);
    if (ticket >= tally.rate && drawn !== null) tally.others.set(decision, drawn);
    if (ticket < tally.rate && drawn !== "random") this.fault("drawn", decision, "random", drawn ?? "nothing");
    rank(tally, ticket, decision);
    this.seen.add(decision);
    this.before = place;
    tally.size += 1;
    if (drawn !== null) tally.drawn += 1;
  }
  fault(kind, where, right, said) {
    this.found += 1;
    this.swapped ||= kind === "ticket";
    if (this.found <= TOLD) this.faults.push({ kind, where, right, said });
  }
  compareTopUps({ rate, smallest, others }) { // the smallest tickets, as many as the minimum
    const due = new Map(smallest.filter(one => one.ticket >= rate).map(one => [one.decision, "top_up"]));
    for (const name of [...new Set([...due.keys(), ...others.keys()])].sort()) {
      const right = due.get(name) ?? "nothing", found = others.get(name) ?? "nothing";
      if (right !== found) this.fault("drawn", name, right, found);
    }
  }
  finish() { // gives what is to be told
    for (const name of [...this.tallies.keys()].sort()) this.compareTopUps(this.tallies.get(name));
    this.compareTopUps(this.late);
    const head = this.head, stamp = head.time_stamp ? stampOf(head.time_stamp, head.commitment) : null, closed = new Map(head.strata.map(one => [one.stratum, one]));
    for (const name of [...new Set([...closed.keys(), ...this.tallies.keys()])].sort()) {
      const one = closed.get(name) ?? { size: 0, drawn: 0 }, tally = this.tallies.get(name) ?? { size: 0, drawn: 0 };
      if (one.size !== tally.size) this.fault("size", name, one.size, tally.size);
      if (one.drawn !== tally.drawn) this.fault("sample", name, one.drawn, tally.drawn);
    }
    this.chain.finish(head.strata.reduce((total, one) => total + one.size, 0), (...found) => this.fault(...found));
    if (head.time_stamp && !stamp) this.fault("stamp");
    const told = this.compareTimes(stamp), inTime = stamp !== null && micros(stamp) < begins(head.first_day);
    told.push({ kind: "told_stamped", right: inTime ? "yes" : "no" });
    if (!inTime) told.push({ kind: "told_less" });
    if (head.heads) told.push(...this.witnessed());
    if (head.commitment_form !== 2) told.push({ kind: "told_seed_alone" });
    for (const { entry, decision, noted } of head.gaps ?? []) told.push({ kind: "told_gap", where: decision, said: entry, right: said(noted) });
    if (head.gaps?.length) told.push({ kind: "told_gone" });
    if (head.format === STAMPED) told.push(...this.stampedHeads());
    if (commitmentOf(head) !== head.commitment) {
      if (this.swapped) { this.faults = []; this.found = 0; this.fault("seed"); }
      else this.fault("commitment", undefined, head.commitment_form === 2 ? "all" : "alone");
    }
    return told;
  }
  stampedHeads() { // faults are told; gives how many heads were stamped in time, and what was there by when
    const { heads, audit_stamp: audit } = this.head, told = [];
    let soon = 0, last = null;
    for (const one of heads.filter(one => one.time_stamp)) {
      const at = stampOf(one.time_stamp, one.head);
      if (!at) { this.fault("head_stamp", one.day); continue; }
      if (Date.parse(at.slice(0, 10)) <= Date.parse(one.day) + 864e5) soon += 1;
      last = { kind: "told_head_stamp", right: said(at), said: one.entries };
    }
    if (heads.length) told.push({ kind: "told_heads", right: soon, said: heads.length });
    if (last) told.push(last);
    if (!audit) return told;
    const [until, hash] = audit.head.split(":"), at = stampOf(audit.time_stamp, hash);
    if (!at) this.fault("audit_stamp");
    return at ? [...told, { kind: "told_audit_stamp", right: said(at), said: until }] : told;
  }
  witnessed() {
    const one = this.head.witness, inTime = one !== null && micros(one.at) < begins(this.head.first_day);
    const by = one ? { kind: "told_witness", right: said(one.at), roles: one.roles, value: one.value } : { kind: "told_alone" };
    return [{ kind: "told_witnessed", right: inTime ? "yes" : "no" }, by];
  }
  compareWitness(at, stamp) { // it lies between the promise, as it was published and stamped, and the first day
    const { opened_at: opened, first_day: first } = this.head, promised = stamp && micros(stamp) > micros(opened) ? stamp : opened;
    if (micros(at) < micros(promised)) this.fault("witnessed_early", undefined, said(promised), said(at));
    if (micros(at) >= begins(first)) this.fault("witnessed_late", undefined, undefined, said(at));
  }
  compareTimes(stamp) {
    const head = this.head;
    if (!head.opened_at) return [];
    const opened = micros(head.opened_at), shut = micros(head.closed_at), end = begins(head.last_day, 1);
    const due = (opened > end ? opened : end) + BigInt(this.policy.close_after_days) * 86400000000n;
    if (micros(stamp) !== micros(head.stamped_at)) this.fault("stamped_at", undefined, said(stamp), said(head.stamped_at));
    if (shut < end) this.fault("closed_at", undefined, undefined, said(head.closed_at));
    if (shut < due && !head.closed_early) this.fault("closed_early");
    if (head.witness) this.compareWitness(head.witness.at, stamp);
    const told = [{ kind: "told_opened", right: said(head.opened_at), said: said(head.closed_at) }];
    if (head.simulated) told.push({ kind: "told_simulated" });
    if (head.closed_early) told.push({ kind: "told_early" });
    return [...told, { kind: "told_in_time", right: opened < begins(head.first_day) ? "yes" : "no" }];
  }
}
async function* linesOf(stream) { // in bundles; a line that is too long is cut into pieces, which are refused
  let rest = new Uint8Array(0);
  for (const reader = stream.getReader(); ;) {
    const { done, value: chunk } = await reader.read();
    if (done) break;
    const lines = [], bytes = new Uint8Array(rest.length + chunk.length);
    bytes.set(rest);
    bytes.set(chunk, rest.length);
    let start = 0;
    for (let end = bytes.indexOf(10, rest.length); end >= 0; end = bytes.indexOf(10, start)) { lines.push(bytes.subarray(start, end + 1)); start = end + 1; }
    rest = bytes.subarray(start);
    if (rest.length > LONGEST) { lines.push(rest); rest = new Uint8Array(0); }
    yield { lines, size: chunk.length };
  }
  if (rest.length) yield { lines: [rest], size: 0 };
}
async function verify(file, { key = "", kept = [], progress = () => {} } = {}) {
  const digest = new Sha256();
  let number = 0, held = new Uint8Array(0), replay = null, done = 0;
  try {
    for await (const { lines, size } of linesOf(file.stream())) {
      for (const line of lines) {
        if (number === 1) replay = new Replay(read(held, 1, "header", headerOf), kept);
        if (number > 1) replay.take(read(held, number, "decision", replay.decisionOf));
        if (number > 0) digest.update(held);
        held = line;
        number += 1;
      }
      progress(done += size);
    }
    if (number < 2) { read(held, 1, "header", headerOf); number = 2; held = new Uint8Array(0); }
    const seal = read(held, number, "seal", sealOf), told = replay.finish(), { head, tallies, late } = replay;
    if (!await isSigned(octets(seal.public_key), octets(seal.signature), octets(digest.hex()))) replay.fault("signature");
    if (key && key.toLowerCase() !== seal.public_key) replay.fault("key", undefined, key.toLowerCase());
    const sum = name => [...tallies.values()].reduce((total, one) => total + one[name], 0);
    const cameLate = [...tallies].reduce((total, [name, one]) => total + (name.startsWith("late/") ? one.size : 0), late.size);
    const summed = { kind: "told_period", where: head.period, decisions: sum("size"), drawn: sum("drawn"), late: cameLate };
    const logged = head.audit ? [{ kind: "told_audit", right: head.audit }] : [];
    return { told: [summed, { kind: "told_key", right: seal.public_key }, ...logged, ...told], faults: replay.faults, found: replay.found };
  } catch (error) {
    if (error instanceof Unreadable) return { told: [], faults: [error.fault], found: 1 };
    throw error;
  }
}

// In a worker: checks the file that it is sent, and says how far it is
function work() {
  let told = 0;
  const progress = size => done => {
    if (Date.now() - told < 100) return;
    told = Date.now();
    postMessage({ share: done / size });
  };
  onmessage = async ({ data: { file, ...asked } }) => postMessage({ answer: await verify(file, { ...asked, progress: progress(file.size) }) });
}

// On the page: takes a file, has it checked, and writes what was found in the reader's words
const wordsOf = () => new Map(Array.from(document.getElementById("words").content.children, one => [one.dataset.word, one.textContent]));
const inWords = ({ kind, ...parts }, words) => words.get(kind).replace(/\{(\w+)\}/g, (_, name) => name === "where" ? parts.where : [parts[name]].flat().map(one => words.get(`is_${one}`) ?? one).join(", "));
function show({ told, faults, found }) {
  const words = wordsOf(), item = line => Object.assign(document.createElement("li"), { textContent: inWords(line, words) });
  const list = (id, lines) => document.getElementById(id).replaceChildren(...lines.map(item));
  list("told", told);
  list("faults", faults);
  document.getElementById("state").textContent = inWords({ kind: found ? "differs" : "confirmed", where: found }, words);
  document.getElementById("more").hidden = found <= faults.length;
  document.getElementById("answer").hidden = false;
}
function headsIn(written) { // as 2026-05-03:1204:9f86…, a dash where the number wasn't shown; null if it is none
  const found = written.trim().split(/\s+/).filter(Boolean).map(one => /^([0-9-]{10}):(-|[0-9]{1,15}):([0-9a-f]{64})$/i.exec(one));
  return found.every(Boolean) ? found.map(([, day, entries, hash]) => ({ day, entries: entries === "-" ? null : Number(entries), hash: hash.toLowerCase() })) : null;
}
function page(address) {
  const [check, state, progress, input, key, heads] = ["check", "state", "progress", "file", "key", "heads"].map(id => document.getElementById(id));
  let worker = null, taken = null;
  const end = () => { worker?.terminate(); worker = null; progress.hidden = true; };
  function take(file) {
    if (!file) return;
    end();
    taken = file;
    document.getElementById("answer").hidden = true;
    const kept = headsIn(heads.value);
    if (!kept) { state.textContent = wordsOf().get("no_head"); return; }
    state.textContent = wordsOf().get("checking");
    progress.value = 0;
    progress.hidden = false;
    worker = new Worker(address);
    worker.onmessage = ({ data: { share, answer } }) => { if (answer) { end(); show(answer); } else progress.value = share; };
    worker.onerror = () => { end(); state.textContent = wordsOf().get("failed"); };
    worker.postMessage({ file, key: key.value.trim(), kept });
  }
  input.addEventListener("change", () => take(input.files[0]));
  for (const one of [key, heads]) one.addEventListener("change", () => take(taken));
  addEventListener("dragover", event => event.preventDefault());
  addEventListener("drop", event => { event.preventDefault(); take(event.dataTransfer.files[0]); });
  check.hidden = false;
  document.getElementById("scriptless").hidden = true;
}
if (typeof document === "undefined") work(); else page(document.currentScript.src);
