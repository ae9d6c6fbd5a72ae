"""Popularity, item neighbours and EASE: fitted, chosen, kept and asked for lists."""
