"""Make new versions of many models, as their templates say."""
