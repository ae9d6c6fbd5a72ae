"""Promotions in waves: a share of the models at a time, looked after between the steps."""
