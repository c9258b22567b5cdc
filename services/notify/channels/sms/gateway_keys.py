"""What SMS gateways know us by, and what we know their reports by."""

from collections.abc import Mapping

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    SecretBytes,
    SecretStr,
    ValidationError,
    field_validator,
)

from shared.security.secrets import KEY_BYTES, SecretMalformed


class GatewayKeys(BaseModel):
    """The secrets of one gateway.

    Attributes:
        token: Ours, as a bearer token (RFC 6750).
        report_key: Its reports are signed with it; hexadecimal in the file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    token: SecretStr = Field(min_length=16)
    report_key: SecretBytes = Field(min_length=KEY_BYTES)

    @field_validator("report_key", mode="before")
    @classmethod
    def _from_hexadecimal(cls, text: object) -> bytes:
        try:
            return bytes.fromhex(str(text))
        except ValueError:
            raise ValueError("must be hexadecimal") from None


class _Entries(RootModel[dict[str, GatewayKeys]]):
    pass


def read_gateway_keys(text: SecretStr) -> Mapping[str, GatewayKeys]:
    """Read the secret `sms_gateways`: a JSON object from names to `{"token", "report_key"}`.

    Raises:
        SecretMalformed: It is something else.
    """
    try:
        return _Entries.model_validate_json(text.get_secret_value()).root
    except ValidationError as error:
        places = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'the document'}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        raise SecretMalformed(f"the secret sms_gateways is malformed: {places}") from None
