"""Errors that a user can cause and mend; each message is one line that says what, where and what to do."""


class VaebinError(Exception):
    """Base of all errors that end a command with exit code 1 and one line on stderr."""


class InputError(VaebinError):
    """The sequences, tables or options given cannot be used."""


class FormatError(VaebinError):
    """A file is not in the format, or not in the version of the format, that was expected."""


class MismatchError(VaebinError):
    """Two files that meet do not belong together."""
