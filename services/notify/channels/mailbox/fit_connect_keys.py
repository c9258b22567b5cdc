"""What FIT-Connect knows us by, and what the portal knows our messages by."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from services.notify.channels.mailbox.author import MailboxAuthor
from shared.security.secrets import SecretMalformed


class FitConnectKeys(BaseModel):
    """The secret `fit_connect`.

    Attributes:
        client_id: From the self-service portal.
        client_secret: The same.
        author_key: PEM of the RSA key that signs messages.
        author_certificate: PEM of its certificate.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    client_id: str = Field(min_length=1)
    client_secret: SecretStr = Field(min_length=16)
    author_key: SecretStr
    author_certificate: str

    @classmethod
    def parse(cls, text: SecretStr) -> "FitConnectKeys":
        """Read the secret: a JSON object.

        Raises:
            SecretMalformed: It is something else.
        """
        try:
            return cls.model_validate_json(text.get_secret_value())
        except ValidationError as error:
            places = "; ".join(
                f"{'.'.join(map(str, problem['loc'])) or 'the document'}: {problem['msg']}"
                for problem in error.errors(include_input=False, include_url=False)
            )
            raise SecretMalformed(f"the secret fit_connect is malformed: {places}") from None

    def author(self) -> MailboxAuthor:
        """Give who signs messages.

        Raises:
            SecretMalformed: Key or certificate can't be used.
        """
        return MailboxAuthor.parse(self.author_key.get_secret_value(), self.author_certificate)
