"""Popularity, item neighbours and EASE: fitted for many clients at once, kept, asked for lists.

In the order of a night: `settings` (what a template may say), `interactions` (who bought what, as
flat arrays), `weights` (neighbours and EASE), `choice` (which model does best on held-out
purchases), `training` (all of it, as a trainer is called), `artifact` (a model as a file), `ranker`
(a loaded model), and the loops `counting` and `ranking`.

Libraries of recommenders (implicit, RecTools) fit one model per call; thousands of small ones
would be a loop in Python. The three models here are a sparse product, a selection and the inverse
of a matrix, so they are loops over flat arrays and batches for LAPACK.
"""
