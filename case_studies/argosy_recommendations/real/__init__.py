"""The same pipelines on data of real shops: a year of invoices, and a log of two policies.

`retail` plays Online Retail, one pipeline per country; `bandit` asks what the Open Bandit log can
say of a policy that did not write it.
"""
