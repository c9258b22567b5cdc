"""The JSON Schema of a file of criteria, for editors that complete and check as you type."""

import json

from services.controlling.forms.catalogue import Catalogue
from shared.events.json_schema import ContractSchema, urn


def schema() -> str:
    """Give the schema as `criteria.schema.json` beside the catalogue holds it."""
    generated = Catalogue.model_json_schema(schema_generator=ContractSchema)
    headed = {"$schema": ContractSchema.schema_dialect, "$id": urn("criteria"), **generated}
    return json.dumps(headed, indent=2, ensure_ascii=False)
