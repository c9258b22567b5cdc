"""What can be wrong with an organisation file."""

from shared.configuration.yaml_file import FileInvalid


class OrganisationInvalid(FileInvalid):
    """The organisation file can't be used; the message names line, field and mend."""
