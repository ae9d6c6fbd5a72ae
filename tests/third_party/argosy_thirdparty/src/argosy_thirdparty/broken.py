"""A plugin whose import fails, as after an upgrade of something it needs."""

import a_module_that_was_renamed_long_ago  # noqa: F401
