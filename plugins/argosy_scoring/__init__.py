"""Predictions beside truth, logged or asked of the models, and what metrics say of them.

Job kinds that look at predictions stand on it. In reading order:

- `gather`: what versions predicted beside what came true; `late_labels` and `join_labels` say
  which rows count, `logged` takes a log, `from_models` asks models that predict here;
- `class_codes`, `multiclass`, `ranked`, `item_lists`: labels as codes, lists as hits;
- `row_digest`: which rows they were; `slices`: how they are cut;
- `measure` and `bootstrap`: metrics asked of all groups at once, and how sure they are;
- `unlabelled`: what models predict of rows that nobody has labelled yet;
- `trial`: one suspect by itself.
"""

argosy_api = ">=1.0,<2"
