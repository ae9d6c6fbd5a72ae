"""Clients that never were: their catalogues, customers and purchases, drawn from a seed.

`market` draws what a client is, `tastes` what its customers like on a day, `purchases` what they
buy, `feeds` writes what a night is given. Every draw is a hash of the seed and of the names of
what is drawn, so that a night comes out the same whichever nights were drawn before it, and
however the clients are cut.
"""
