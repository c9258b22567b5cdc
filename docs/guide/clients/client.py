"""Sends a contact, an application and its decision to intake: `python client.py FILE-NUMBER`."""
import base64, hmac, http.client, json, os, sys, time, urllib.error, urllib.request
SOURCE = "urn:gleichfall:example"

def secret(name):
    return open(f"{os.environ['GLEICHFALL_SECRETS_DIR']}/{name}").read().strip()

def pseudonym(key, kind, value, quarter=None):
    if kind == "decider":
        key = hmac.digest(key, f"quarter\0{quarter}".encode(), "sha256")
    digest = hmac.digest(key, f"{kind}\0{value}".encode(), "sha256")[:16]
    return f"{kind}-{base64.b32encode(digest).decode()[:26].lower()}"

def call(method, path, body=None, kind="application/json"):
    """Ask until there is an answer; sending again is safe, whatever happened to the first."""
    url, headers = os.environ["INTAKE_URL"] + path, {"Content-Type": kind}
    headers["Authorization"] = f"Bearer {secret('client_token')}"
    for attempt in range(10):
        wait = min(2**attempt, 30)
        try:
            request = urllib.request.Request(url, body and json.dumps(body).encode(), headers, method=method)
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            if refusal.code not in (429, 502, 503, 504):
                sys.exit(refusal.read().decode())
            wait = int(after) if (after := refusal.headers.get("Retry-After", "")).isdecimal() else wait
        except (OSError, http.client.HTTPException) as lost:
            print(lost, file=sys.stderr)
        time.sleep(wait)
    sys.exit("intake did not take it")

def send(name, subject, at, data):
    """State one fact; its id follows from the file, so that a second run doubles nothing."""
    known_by = hmac.digest(key, f"{name} {subject}".encode(), "sha256").hex()
    event = {"specversion": "1.0", "id": known_by, "source": SOURCE, "type": f"gleichfall.{name}.v1"}
    event |= {"subject": subject, "time": at, "data": data}
    print(call("POST", "/v1/events", event, "application/cloudevents+json")["receipts"][0])
    print(call("GET", f"/v1/events/{known_by}?source={SOURCE}"))

if __name__ == "__main__":
    key, file = bytes.fromhex(secret("pseudonym_key")), sys.argv[1]
    case, contact, decision = (pseudonym(key, kind, file) for kind in ("case", "contact", "decision"))
    person = {"contact_ref": contact, "language": "de", "email": "erika@example.org"}
    told = {"channel": "online", "service_key": "residence-work", "unit": "unit-2", "contact_ref": contact}
    made = {"decision_id": decision, "type_code": "AufenthG-18b", "direction": "favourable", "unit": "unit-2"}
    made["decider"] = pseudonym(key, "decider", "officer-7", "2026-1")
    call("POST", "/v1/contacts", person)
    send("application.received", case, "2026-03-02T09:15:00+01:00", told)
    send("decision.made", case, "2026-03-20T11:00:00+01:00", made)
