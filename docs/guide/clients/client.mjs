// Sends a contact, an application and its decision to intake: `node client.mjs FILE-NUMBER` (Node ≥ 20.11).
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

const SOURCE = "urn:gleichfall:example";
const hmac = (key, text) => createHmac("sha256", key).update(text, "utf8").digest();
const secret = (name) => readFileSync(`${process.env.GLEICHFALL_SECRETS_DIR}/${name}`, "utf8").trim();
export function pseudonym(key, kind, value, quarter) {
  const ofKind = kind === "decider" ? hmac(key, `quarter\0${quarter}`) : key;
  const bytes = [...hmac(ofKind, `${kind}\0${value}`).subarray(0, 16)];
  const bits = bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const digits = bits.match(/.{1,5}/g).map((five) => parseInt(five.padEnd(5, "0"), 2));
  return `${kind}-${digits.map((digit) => "abcdefghijklmnopqrstuvwxyz234567"[digit]).join("")}`;
}
// Asks until there is an answer; sending again is safe, whatever happened to the first.
async function call(method, path, body, kind = "application/json") {
  const headers = { Authorization: `Bearer ${secret("client_token")}`, "Content-Type": kind };
  for (let attempt = 0, wait; attempt < 10; attempt++) {
    wait = Math.min(2 ** attempt, 30);
    try {
      const asked = { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(60_000) };
      const answer = await fetch(process.env.INTAKE_URL + path, asked);
      if (answer.ok) return await answer.json();
      if (![429, 502, 503, 504].includes(answer.status)) throw new RangeError(await answer.text());
      wait = [Number(answer.headers.get("Retry-After") ?? wait), wait].find(Number.isFinite);
    } catch (lost) {
      if (lost instanceof RangeError) throw lost; // refused for good
    }
    await new Promise((done) => setTimeout(done, wait * 1000));
  }
  throw new Error("intake did not take it");
}
// States one fact; its id follows from the file, so that a second run doubles nothing.
async function send(key, name, subject, time, data) {
  const id = hmac(key, `${name} ${subject}`).toString("hex");
  const event = { specversion: "1.0", id, source: SOURCE, type: `gleichfall.${name}.v1`, subject, time, data };
  console.log((await call("POST", "/v1/events", event, "application/cloudevents+json")).receipts[0]);
  console.log(await call("GET", `/v1/events/${id}?source=${SOURCE}`));
}

if (process.argv[1] === import.meta.filename) {
  const key = Buffer.from(secret("pseudonym_key"), "hex"), file = process.argv[2];
  const [subject, contact_ref, decision_id] = ["case", "contact", "decision"].map((kind) => pseudonym(key, kind, file));
  const decider = pseudonym(key, "decider", "officer-7", "2026-1");
  const told = { channel: "online", service_key: "residence-work", unit: "unit-2", contact_ref };
  const made = { decision_id, type_code: "AufenthG-18b", direction: "favourable", unit: "unit-2", decider };
  await call("POST", "/v1/contacts", { contact_ref, language: "de", email: "erika@example.org" });
  await send(key, "application.received", subject, "2026-03-02T09:15:00+01:00", told);
  await send(key, "decision.made", subject, "2026-03-20T11:00:00+01:00", made);
}
