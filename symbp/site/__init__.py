"""Layers in, a folder of static pages out: an index by family, an index of words, and a page for each layer. No JavaScript, no network."""

from symbp.site.build import Made, build

__all__ = ["Made", "build"]
