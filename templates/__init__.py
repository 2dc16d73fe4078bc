"""The templates of generated modules: strings in, text out."""
