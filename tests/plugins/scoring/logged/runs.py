"""What a run of one log found."""


def only(run, metric="accuracy", model="m"):
    return run.results().filter(model=model, metric=metric).row(0, named=True)


def reason(run):
    return run.failures()["reason"].item()
