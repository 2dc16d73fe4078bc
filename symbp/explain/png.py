"""SVG -> PNG, by the optional package resvg-py."""

from __future__ import annotations

from symbp.errors import SymbpError

ZOOM = 2  # pixels for each of the SVG's, so that small text is sharp


def pixels(svg: str) -> bytes:
    """The picture as the bytes of a PNG file.

    Raises:
        SymbpError: resvg-py is not installed.
    """
    try:
        from resvg_py import svg_to_bytes
    except ImportError:
        raise SymbpError('a PNG needs the package resvg-py: pip install "symbp[picture]"') from None
    return bytes(svg_to_bytes(svg_string=svg, zoom=ZOOM, sans_serif_family="DejaVu Sans"))
