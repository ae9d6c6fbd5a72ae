"""The command line: arguments in, library calls out.

Plugin authors need :mod:`argosy_cli.session`, which every command receives as `click.pass_obj`.
"""
