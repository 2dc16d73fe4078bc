"""Every error that symbp raises on purpose."""


class SymbpError(ValueError):
    """Base class: the message says where, what was found, and what is right."""


class ReadError(SymbpError):
    """A definition cannot be read. The message carries layer, line, column and the line with a caret."""


class DeriveError(SymbpError):
    """A node has no derivative that symbp can derive; the message names the node and the reason."""


class EmitError(SymbpError):
    """A formula has no form in the target language, or a file would be overwritten."""
